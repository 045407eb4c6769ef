/**
 * The turns of one session, and the question that runs in it. Several may run at once, one in each session.
 *
 * The server keeps turns; what is here is what it said last, and what it has not kept yet. A question that is asked
 * while another runs waits for it; one that is asked while there is no server waits for that.
 */

import type { AskEvent, Attachment, Turn } from "../protocol";
import type { TurnView, Update } from "./contract";
import type { Backend, Editor } from "./backend";
import { failed } from "./backend";
import { Run } from "./run";
import { isOver, merged, newTurn, titleOf } from "./turns";

/** What a conversation shares with the others. */
export interface World {
  backend: Backend;
  editor: Editor;
  send: (update: Update) => void;
  /** Resolves once requests can be sent, rejects where there will be no server. */
  ready: (signal: AbortSignal) => Promise<void>;
}

export class Conversation {
  turns: TurnView[] = [];
  title = "";
  private run: Run | null = null;
  private tail: Promise<void> = Promise.resolve();
  private asked = 0;

  constructor(
    private readonly world: World,
    readonly root: string,
    readonly session: string,
  ) {}

  get running(): boolean {
    return this.turns.some((turn) => !isOver(turn));
  }

  /** Resolves when the question is over, however it went. */
  ask(question: string, attachments: Attachment[]): Promise<void> {
    this.title ||= titleOf(question);
    const id = `${this.session}+${String(++this.asked)}`;
    this.put(newTurn(id, question, attachments, Date.now()));
    this.tail = this.tail.then(() => this.answer(id));
    return this.tail;
  }

  /** When nothing runs any more. */
  settled(): Promise<void> {
    return this.tail;
  }

  /** The question that runs, and those that wait for it. */
  stop(): void {
    this.run?.stop();
    for (const turn of this.turns.filter((one) => !isOver(one))) {
      this.put({ ...turn, state: "stopped" });
    }
  }

  take(event: AskEvent): boolean {
    if (this.run?.token !== event.token) {
      return false;
    }
    this.run.take(event);
    return true;
  }

  find(id: string): TurnView | undefined {
    return this.turns.find((turn) => turn.id === id);
  }

  /** Forget a turn that the server does not have, or that it will not be shown again by. */
  drop(id: string): void {
    this.turns = this.turns.filter((turn) => turn.id !== id);
  }

  /** New, or in place of the one with its id. */
  put(turn: TurnView): void {
    const at = this.turns.findIndex((one) => one.id === turn.id);
    this.turns = at < 0 ? [...this.turns, turn] : this.turns.with(at, turn);
    this.world.send({ type: "turn", session: this.session, turn });
  }

  /** What the server kept. Where it keeps no turns, being older, those that are here stay. */
  async load(): Promise<void> {
    let kept: Turn[];
    try {
      const params = { root: this.root, session: this.session };
      kept = (await this.world.backend.request("memls/turns", params)).turns;
    } catch (error) {
      if (failed(error, "unknown") || failed(error, "gone") || this.turns.length) {
        return;
      }
      throw error;
    }
    this.turns = merged(this.session, this.turns, kept);
    this.title ||= titleOf(this.turns[0]?.question ?? "");
  }

  private async answer(id: string): Promise<void> {
    const turn = this.find(id);
    if (!turn || isOver(turn)) {
      return;
    }
    const { backend, editor, ready } = this.world;
    const run = new Run(id, this.session, turn, (update) => { this.forward(run, update); });
    this.run = run;
    try {
      await ready(run.signal);
      const model = editor.model().ask;
      const params = {
        root: this.root,
        question: turn.question,
        session: this.session,
        token: run.token,
        ...(turn.attachments.length ? { attachments: turn.attachments } : {}),
        ...(model === undefined ? {} : { model }),
      };
      run.finish(await backend.request("memls/ask", params, run.signal));
    } catch (error) {
      run.fail(error);
    } finally {
      this.run = null;
    }
  }

  private forward(run: Run, update: Update): void {
    const at = this.turns.findIndex((one) => one.id === run.turn.id);
    if (at >= 0) {
      this.turns = this.turns.with(at, run.turn);
      this.world.send(update);
    }
  }
}
