/**
 * What the chat panel shows, and what its user can do: the whole contract between panel and controller.
 *
 * The panel is a pure rendering of `State`. It sends `Action`s and receives `Update`s through a `Transport`:
 * in VS Code that is the webview's `postMessage`, in a browser the controller runs in the same page.
 * Nothing here knows VS Code or the DOM.
 */

import type { Attachment, Answer, Citation, CodeLines, Context, Event, Mention, ModelInfo, SessionInfo, Status } from "../protocol";

/** One question and what came of it. `text` is the answer as far as it has streamed. */
export interface TurnView {
  /** Unique in the conversation, and stable. */
  id: string;
  /** The server's number of the turn, 0 until it is kept. */
  number: number;
  question: string;
  attachments: Attachment[];
  state: "waiting" | "running" | "answered" | "incomplete" | "stopped" | "failed";
  text: string;
  steps: Event[];
  citations: Citation[];
  /** The whole result, without its text. Null until it is there. */
  result: Omit<Answer, "answer"> | null;
  /** One line for the reader where the turn failed: what happened, and what to do. */
  failure: string;
  /** What may help where it failed; without it, another model is offered. */
  remedies?: Remedy[];
  /** Milliseconds from question to end, 0 while it runs and for turns of earlier runs. */
  took: number;
  /** When it was asked, ISO 8601, local to nobody. */
  asked: string;
}

/** Something that the user can do, as a button. */
export interface Remedy {
  label: string;
  remedy: string;
}

/** How the server is: what the panel says in place of a conversation while there is none to be had. */
export interface ServerView {
  state: "starting" | "ready" | "missing" | "failed" | "restarting";
  /** One line for the reader, and what he can do about it. */
  message: string;
  remedies: Remedy[];
}

export interface MemoryView {
  context: Context | null;
  /** Tokens by part of the request that was sent last, while a question runs. */
  parts: Record<string, number>;
  window: number;
}

export interface ModelChoice {
  id: string;
  label: string;
  detail: string;
  chosen: boolean;
}

/** What the panel stands in: an editor, with models and a log of its own and texts not saved yet, or a page of its own. */
export type Around = "editor" | "page";

export interface State {
  around: Around;
  server: ServerView;
  index: Status;
  model: ModelInfo | null;
  /** The session that is shown; empty for a new conversation. */
  session: string;
  title: string;
  sessions: SessionInfo[];
  turns: TurnView[];
  memory: MemoryView;
  suggestions: string[];
  /** The chips above the input: they go along with the next question. */
  attachments: Attachment[];
  /** What is selected in the editor now, offered as a chip. */
  selection: Attachment | null;
  /** Several repositories are open: their names, and the one that is asked. */
  roots: { name: string; uri: string }[];
  root: string;
}

/** Each names the parts of the state that are new; `delta` is the one that is sent often. */
export type Update =
  | { type: "state"; state: State }
  | { type: "slice"; slice: Partial<State> }
  | { type: "turn"; session: string; turn: TurnView }
  | { type: "delta"; session: string; turn: string; text: string }
  | { type: "steps"; session: string; turn: string; steps: Event[] }
  | { type: "reply"; id: number; value: unknown; error?: string }
  | { type: "focus" }
  | { type: "draft"; text: string };

export type Action =
  | { type: "ready" }
  | { type: "ask"; question: string; attachments: Attachment[] }
  | { type: "stop" }
  /** The same question again, in place of a turn and what follows it. `question` where it was edited. */
  | { type: "again"; turn: string; question?: string }
  | { type: "new" }
  | { type: "open_session"; session: string }
  | { type: "rename"; session: string; title: string }
  | { type: "forget"; session: string }
  | { type: "export"; session: string }
  | { type: "open"; path: string; start: number; end: number; aside?: boolean }
  | { type: "pin" | "unpin" | "evict"; page: string }
  | { type: "block"; name: string; text: string }
  | { type: "attach"; attachment: Attachment }
  | { type: "detach"; attachment: Attachment }
  | { type: "choose_model" }
  | { type: "choose_root"; uri: string }
  | { type: "copy"; text: string }
  | { type: "remedy"; remedy: string }
  | { type: "open_link"; href: string }
  | { type: "refresh_memory" };

/** Questions that the panel asks and waits for. */
export interface Questions {
  mentions: [{ query: string }, Mention[]];
  read: [{ path: string; start: number; end: number }, CodeLines];
  search_sessions: [{ query: string }, SessionInfo[]];
}

export type Question = { [K in keyof Questions]: { type: "question"; id: number; name: K; params: Questions[K][0] } }[keyof Questions];

/** How panel and controller reach each other. Nothing is lost before `ready` was sent. */
export interface Transport {
  send(message: Action | Question): void;
  /** Gives back how to stop listening. */
  listen(take: (update: Update) => void): () => void;
  /** What the panel keeps for itself between two showings (scroll, draft, folds). */
  load(): unknown;
  save(view: unknown): void;
}
