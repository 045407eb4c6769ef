/** What the controller needs of the world: a server, and the editor around it. Each has a real and a scripted one. */

import type { AskEvent, Changed, ModelInfo, Requests } from "../protocol";
import type { Around, ServerView } from "./contract";

/** Why a request has no answer. */
export type Failure =
  /** The server said why, in a line for the reader. */
  | "refused"
  /** The server does not know the request: it is older than we are. */
  | "unknown"
  | "cancelled"
  /** The server ended, or was never there. */
  | "gone";

export class BackendError extends Error {
  constructor(
    readonly failure: Failure,
    message: string,
  ) {
    super(message);
    this.name = "BackendError";
  }
}

export type Method = keyof Requests;

/** The server as it is now, and as it comes back after it has ended. */
export interface Backend {
  readonly server: ServerView;
  /** Rejects with a `BackendError`. Aborting cancels the work in the server. */
  request<M extends Method>(method: M, params: Requests[M][0], signal?: AbortSignal): Promise<Requests[M][1]>;
  onServer(take: (server: ServerView) => void): () => void;
  onEvent(take: (event: AskEvent) => void): () => void;
  onChanged(take: (changed: Changed) => void): () => void;
}

/** What answers the next question: `ask` goes along with it, `info` is shown where the server does not say. */
export interface ChosenModel {
  ask: string | undefined;
  info: ModelInfo | null;
}

/** The program around the panel. */
export interface Editor {
  readonly around: Around;
  open(place: Place): Promise<void>;
  openLink(href: string): Promise<void>;
  copy(text: string): Promise<void>;
  save(name: string, text: string): Promise<void>;
  chooseModel(): Promise<void>;
  remedy(remedy: string): Promise<void>;
  tell(line: string): void;
  model(): ChosenModel;
  /** What was kept for this workspace in an earlier run. */
  recall(key: string): string;
  remember(key: string, value: string): void;
}

/** Lines (from 1) of a file below `base`: the folder that the index is of, or the uri of the root. */
export interface Place {
  base: string;
  path: string;
  start: number;
  end: number;
  aside: boolean;
}

/** An error as one line for the reader. */
export function inWords(error: unknown): string {
  if (error instanceof BackendError && error.failure === "gone") {
    return "The server, or the connection to it, ended while it answered. What it had read is kept: ask again.";
  }
  const text = error instanceof Error ? error.message : String(error);
  const line = text.trim().split("\n")[0] ?? "";
  return line ? line.charAt(0).toUpperCase() + line.slice(1) : "It failed without saying why: see the log.";
}

export function failed(error: unknown, failure: Failure): boolean {
  return error instanceof BackendError && error.failure === failure;
}
