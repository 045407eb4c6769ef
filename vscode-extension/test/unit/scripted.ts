/** A server that answers by a script, an editor that notes what it is told, and a panel that follows the controller. */

import { expect, vi } from "vitest";
import type { Action, Question, ServerView, State, Update } from "../../src/chat/contract";
import type { Backend, ChosenModel, Editor, Method, Place } from "../../src/chat/backend";
import { BackendError } from "../../src/chat/backend";
import { apply } from "../../src/chat/apply";
import { Controller } from "../../src/chat/controller";
import type { Answer, AskEvent, Changed, Citation, Context, Event, PageInfo, Requests, Turn } from "../../src/protocol";

export const ROOT = "file:///srv/shop";

export const READY: ServerView = { state: "ready", message: "", remedies: [] };

/** A method's answer: a value, a function of its parameters, or an error to throw. */
type Script = { [M in Method]?: Requests[M][1] | Error | ((params: Requests[M][0]) => unknown) };

/** A question that waits for its answer. */
interface Asked {
  params: Requests["memls/ask"][0];
  answer(answer: Answer): void;
  fail(error: unknown): void;
}

export class Scripted implements Backend {
  server: ServerView = READY;
  readonly sent: [Method, Record<string, unknown>][] = [];
  readonly asked: Asked[] = [];
  readonly cancelled: string[] = [];
  private readonly takers = { server: new Set<(v: never) => void>(), event: new Set<(v: never) => void>(), changed: new Set<(v: never) => void>() };

  constructor(public script: Script = {}) {}

  request<M extends Method>(method: M, params: Requests[M][0], signal?: AbortSignal): Promise<Requests[M][1]> {
    this.sent.push([method, structuredClone<Record<string, unknown>>({ ...params })]); // as it would go over the line
    if (this.server.state !== "ready") {
      return Promise.reject(new BackendError("gone", "the server has ended"));
    }
    if (method === "memls/ask") {
      return this.ask(params as Requests["memls/ask"][0], signal);
    }
    const scripted: unknown = this.script[method];
    const answer: unknown = typeof scripted === "function" ? (scripted as (p: unknown) => unknown)(params) : scripted;
    if (answer === undefined) {
      return Promise.reject(new BackendError("unknown", `method not found: ${method}`));
    }
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as Requests[M][1]);
  }

  private ask(params: Requests["memls/ask"][0], signal?: AbortSignal): Promise<Answer> {
    return new Promise((answer, fail) => {
      this.asked.push({ params, answer, fail });
      signal?.addEventListener("abort", () => {
        this.cancelled.push(params.question);
        fail(new BackendError("cancelled", "cancelled"));
      });
    });
  }

  onServer(take: (server: ServerView) => void): () => void { return this.add("server", take); }
  onEvent(take: (event: AskEvent) => void): () => void { return this.add("event", take); }
  onChanged(take: (changed: Changed) => void): () => void { return this.add("changed", take); }

  /** The server's state changes; when it goes, so do the questions that it was answering. */
  become(server: ServerView): void {
    this.server = server;
    if (server.state !== "ready") {
      this.asked.forEach((one) => { one.fail(new BackendError("gone", "the server has ended")); });
    }
    this.tell("server", server);
  }

  event(event: Event): void {
    this.tell("event", { ...event, token: this.asked.at(-1)?.params.token ?? "" });
  }

  changed(paths: string[], all = false): void {
    this.tell("changed", { root: ROOT, generation: 2, paths, all });
  }

  methods(): Method[] {
    return this.sent.map(([method]) => method);
  }

  private add(kind: keyof Scripted["takers"], take: (value: never) => void): () => void {
    this.takers[kind].add(take);
    return () => this.takers[kind].delete(take);
  }

  private tell(kind: keyof Scripted["takers"], value: unknown): void {
    this.takers[kind].forEach((take) => { take(value as never); });
  }
}

export class NotingEditor implements Editor {
  readonly around = "editor";
  readonly noted: unknown[][] = [];
  readonly kept = new Map<string, string>();
  chosen: ChosenModel = { ask: undefined, info: null };

  open(place: Place): Promise<void> { return this.note("open", place); }
  openLink(href: string): Promise<void> { return this.note("openLink", href); }
  copy(text: string): Promise<void> { return this.note("copy", text); }
  save(name: string, text: string): Promise<void> { return this.note("save", name, text); }
  chooseModel(): Promise<void> { return this.note("chooseModel"); }
  remedy(remedy: string): Promise<void> { return this.note("remedy", remedy); }
  tell(line: string): void { void this.note("tell", line); }
  model(): ChosenModel { return this.chosen; }
  recall(key: string): string { return this.kept.get(key) ?? ""; }
  remember(key: string, value: string): void { this.kept.set(key, value); }

  private note(...what: unknown[]): Promise<void> {
    this.noted.push(what);
    return Promise.resolve();
  }
}

export interface Stage {
  backend: Scripted;
  editor: NotingEditor;
  controller: Controller;
  updates: Update[];
  /** The state as a panel has it that heard of nothing but updates. */
  panel(): State;
  act(action: Action | Question): Promise<void>;
  /** Lets time pass, and checks that the panel's state is the controller's. */
  pass(milliseconds?: number): Promise<void>;
}

export async function stage(script: Script = {}, before?: (stage: Pick<Stage, "backend" | "editor">) => void): Promise<Stage> {
  vi.useFakeTimers({ now: Date.parse("2026-01-01T10:00:00Z") });
  const backend = new Scripted({ "memls/status": { state: "ready", error: "", done: 0, total: 0 }, ...script });
  const editor = new NotingEditor();
  before?.({ backend, editor });
  const controller = new Controller(backend, editor);
  let state = controller.state;
  const updates: Update[] = [];
  const connection = controller.connect((update) => {
    updates.push(update);
    state = apply(state, structuredClone(update));
  });
  connection.receive({ type: "ready" });
  const pass = async (milliseconds = 0): Promise<void> => {
    await vi.advanceTimersByTimeAsync(milliseconds);
    expect(state).toEqual(controller.state);
  };
  const act = async (action: Action | Question): Promise<void> => {
    connection.receive(action);
    await pass();
  };
  controller.setRoots([{ name: "shop", uri: ROOT }]);
  await pass();
  return { backend, editor, controller, updates, panel: () => state, act, pass };
}

export function citation(path: string, start: number, end: number, part: Partial<Citation> = {}): Citation {
  return { path, start, end, hash: "h", status: "verified", cited_start: 0, cited_end: 0, reason: "", ...part };
}

export function answer(text: string, part: Partial<Answer> = {}): Answer {
  const usage = { prompt_tokens: 9, completion_tokens: 3, peak_prompt_tokens: 9, cached_prefix_ratio: 0, window: 4096, steps: 1, faults: 0, cost: null, summaries: 0 };
  return { answer: text, status: "answered", citations: [], usage, pages: [], model: "extractive", session: "s", generation: 1, notes: [], ...part };
}

export function turn(number: number, question: string, part: Partial<Turn> = {}): Turn {
  return { number, question, attachments: [], time: "2026-01-01T09:00:00Z", answer: answer(`A${number}`), steps: [], failure: "", ...part };
}

export function page(id: string, path: string, part: Partial<PageInfo> = {}): PageInfo {
  return { id, path, symbol: "", start: 1, end: 9, state: "resident", detail: "full", tokens: 50, pinned: false, faults: 0, last_use: 1, ...part };
}

export function context(session: string, part: Partial<Context> = {}): Context {
  return { session, running: false, window: 4096, tokens: 100, parts: { pages: 50 }, blocks: {}, block_limits: {}, summary: "", pages: [], ...part };
}
