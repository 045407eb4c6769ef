/**
 * One question while it is answered: the server's events, made changes of one turn.
 *
 * Tokens come by the hundred a second, so they are gathered: the panel hears of them once in `PAUSE`.
 */

import type { AskEvent, Answer, Citation } from "../protocol";
import type { TurnView, Update } from "./contract";
import { BackendError, inWords } from "./backend";
import { answered } from "./turns";

/** Milliseconds between two updates of a turn that streams. */
export const PAUSE = 30;

/** No other model helps where the server ended. */
const LOG = { label: "Show log", remedy: "show_log" };

export class Run {
  private text = "";
  private fresh: TurnView["steps"] = [];
  private cited = false;
  /** What was said so far is taken back. */
  private outdated = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly abort = new AbortController();

  constructor(
    readonly token: string,
    readonly session: string,
    public turn: TurnView,
    private readonly send: (update: Update) => void,
  ) {}

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** What is heard after the end changes nothing: a stopped turn stays as the user saw it. */
  get over(): boolean {
    return this.turn.state !== "waiting" && this.turn.state !== "running";
  }

  take(event: AskEvent): void {
    if (this.over) {
      return;
    }
    if (this.turn.state === "waiting") {
      this.change({ state: "running" });
    }
    if (event.type === "token") {
      this.renew();
      this.text += event.text;
    } else if (event.type === "citation") {
      this.cited = true;
      this.turn = { ...this.turn, citations: withCitation(this.turn.citations, event.citation) };
    } else if (event.type === "retracted") {
      this.outdated = true;
      if (event.text) {
        this.renew();
      }
      this.step(event);
    } else if (event.type !== "done") {
      this.step(event);
    }
    this.timer ??= setTimeout(() => { this.flush(); }, PAUSE);
  }

  finish(answer: Answer): void {
    if (!this.over) {
      this.flush();
      this.turn = answered(this.turn, answer, Date.now());
      this.sendTurn();
    }
  }

  fail(error: unknown): void {
    if (error instanceof BackendError && error.failure === "cancelled") {
      this.stop();
    } else {
      const isGone = error instanceof BackendError && error.failure === "gone";
      this.end("failed", inWords(error), isGone ? { remedies: [LOG] } : {});
    }
  }

  /** Says so at once; the server ends a little later. */
  stop(): void {
    this.abort.abort();
    this.end("stopped", "");
  }

  private end(state: "failed" | "stopped", failure: string, more: Partial<TurnView> = {}): void {
    if (!this.over) {
      this.flush();
      const took = Math.max(0, Date.now() - Date.parse(this.turn.asked));
      this.change({ state, failure, took, ...more });
    }
  }

  /** What a model says on its way is a step, and leaves at once; an answer is read until there is another. */
  private renew(): void {
    if (this.outdated) {
      this.outdated = false;
      this.text = "";
      this.change({ text: "" });
    }
  }

  private step(event: AskEvent): void {
    const { token: _, ...plain } = event;
    this.fresh.push(plain);
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { session, turn } = this;
    if (this.fresh.length) {
      const steps = this.fresh;
      this.fresh = [];
      this.turn = { ...this.turn, steps: [...this.turn.steps, ...steps] };
      this.send({ type: "steps", session, turn: turn.id, steps });
    }
    if (this.text) {
      const text = this.text;
      this.text = "";
      this.turn = { ...this.turn, text: this.turn.text + text };
      this.send({ type: "delta", session, turn: turn.id, text });
    }
    if (this.cited) {
      this.cited = false;
      this.sendTurn();
    }
  }

  private change(part: Partial<TurnView>): void {
    this.turn = { ...this.turn, ...part };
    this.sendTurn();
  }

  private sendTurn(): void {
    this.send({ type: "turn", session: this.session, turn: this.turn });
  }
}

function withCitation(citations: readonly Citation[], one: Citation): Citation[] {
  return [...citations.filter((other) => asCited(other) !== asCited(one)), one];
}

function asCited(one: Citation): string {
  return `${one.path}:${String(one.cited_start || one.start)}-${String(one.cited_end || one.end)}`;
}
