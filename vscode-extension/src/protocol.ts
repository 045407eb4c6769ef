/** What the server and its clients say to each other beyond LSP. Generated from memls/lsp/contract.py. */

export type CitationStatus = "verified" | "moved" | "stale" | "unverified";
export type PageState = "resident" | "stale" | "evicted" | "gone";
export type PageDetail = "outline" | "full" | "tombstone";

/** A region the answer leans on. Lines count from 1, both ends included. */
export interface Citation {
  path: string;
  start: number;
  end: number;
  hash: string;
  status: CitationStatus;
  cited_start: number;
  cited_end: number;
  reason: string;
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  peak_prompt_tokens: number;
  cached_prefix_ratio: number;
  window: number;
  steps: number;
  faults: number;
}

/** One row of the page table. */
export interface PageInfo {
  id: string;
  path: string;
  symbol: string;
  start: number;
  end: number;
  state: PageState;
  detail: PageDetail;
  tokens: number;
  pinned: boolean;
  faults: number;
  last_use: number;
}

export interface Answer {
  answer: string;
  status: "answered" | "incomplete";
  citations: Citation[];
  usage: Usage;
  pages: PageInfo[];
  model: string;
  session: string;
  generation: number;
  notes: string[];
}

export type Event =
  | { type: "token"; text: string }
  | { type: "retracted"; reason: string }
  | { type: "page_in"; page: PageInfo }
  | { type: "page_out"; page: PageInfo; reason: string }
  | { type: "interrupt"; kind: string; text: string }
  | { type: "syscall"; name: string; arguments: Record<string, unknown>; ok: boolean; summary: string }
  | { type: "usage"; step: number; prompt_tokens: number; window: number; parts: Record<string, number> }
  | { type: "citation"; citation: Citation }
  | { type: "done"; result: Answer };

/** Every request may name the repository it means, by `root` (a folder's uri) or `uri` (a file's). */
export interface Where {
  root?: string;
  uri?: string;
}

/** A region that goes along with a question: a file, a symbol in it, or lines of it (from 1). */
export interface Attachment {
  path: string;
  symbol?: string;
  start?: number;
  end?: number;
}

/** `start` and `end` (from 1) are the lines selected in `uri`. `memls/event` carries `token` back. */
export interface AskParams extends Where {
  question: string;
  session?: string;
  model?: string;
  window?: number;
  start?: number;
  end?: number;
  attachments?: Attachment[];
  token?: string;
}

/** The notification `memls/event`. */
export type AskEvent = Event & { token: string };

/** The server-side view of one question of a conversation, as it is kept. */
export interface Turn {
  number: number;
  question: string;
  attachments: Attachment[];
  time: string;
  answer: Answer | null;
  /** The events of the run but tokens and citations. */
  steps: Event[];
  /** Why there is no answer, where there is none. */
  failure: string;
}

export interface SessionInfo {
  name: string;
  title: string;
  used: string;
  messages: number;
}

export interface NoteInfo {
  id: number;
  text: string;
  session: string;
  time: string;
}

/** A session's main context: what `memls/context`, `pin`, `unpin`, `evict`, `page_in` and `block` answer. */
export interface Context {
  session: string;
  running: boolean;
  window: number;
  tokens: number;
  /** Tokens by part: instructions, blocks, queue, pages, reserve. */
  parts: Record<string, number>;
  blocks: Record<string, string>;
  /** Tokens that each block may hold. */
  block_limits: Record<string, number>;
  summary: string;
  pages: PageInfo[];
}

export interface Hit {
  path: string;
  line: number;
  end_line: number;
  symbol: string;
  kind: string;
  score: number;
  text: string;
}

/** What a question would be answered by: `host` is the endpoint's, without credentials. */
export interface ModelInfo {
  kind: "endpoint" | "editor" | "extractive";
  name: string;
  window: number;
  host: string;
}

export interface Status {
  state: "none" | "opening" | "indexing" | "ready" | "failed";
  error: string;
  done: number;
  total: number;
  root?: string;
  owner?: string;
  files?: number;
  symbols?: number;
  generation?: number;
  version?: string;
  model?: ModelInfo;
}

/** A file or symbol that `@` completes to. `detail` says where, or what it is. */
export interface Mention {
  kind: string;
  path: string;
  symbol: string;
  start: number;
  end: number;
  detail: string;
}

/** Lines of a file as the index's client sees them, unsaved text included. */
export interface CodeLines {
  path: string;
  start: number;
  end: number;
  language: string;
  text: string;
}

/** The notification `memls/changed`: the text of these files is not what it was. `all`: too many to name. */
export interface Changed {
  root: string;
  generation: number;
  paths: string[];
  all: boolean;
}

/** Requests by method: parameters and answer. */
export interface Requests {
  "memls/ask": [AskParams, Answer];
  "memls/search": [Where & { query: string; kind?: string; path?: string; limit?: number; offset?: number }, { hits: Hit[]; total: number; near: string[] }];
  "memls/status": [Where, Status];
  "memls/context": [Where & { session: string }, Context];
  "memls/pin": [Where & { session: string; page: string }, Context];
  "memls/unpin": [Where & { session: string; page: string }, Context];
  "memls/evict": [Where & { session: string; page: string }, Context];
  /** Targets are `path:Symbol`, `path:start-end` or `path`. A session that is not there is opened. */
  "memls/page_in": [Where & { session: string; targets: string[] }, Context];
  "memls/block": [Where & { session: string; name: string; text: string }, Context];
  "memls/sessions": [Where & { query?: string }, { sessions: SessionInfo[] }];
  "memls/turns": [Where & { session: string }, { turns: Turn[] }];
  "memls/rename": [Where & { session: string; title: string }, { sessions: SessionInfo[] }];
  "memls/forget": [Where & { session: string }, { sessions: SessionInfo[] }];
  /** A new session that remembers the turns before `turn`. The old one stays as it is. */
  "memls/fork": [Where & { session: string; turn: number }, { session: string }];
  "memls/export": [Where & { session: string }, { markdown: string }];
  /** The citations as they hold now. */
  "memls/verify": [Where & { citations: Citation[] }, { citations: Citation[] }];
  "memls/read": [Where & { path: string; start: number; end: number }, CodeLines];
  "memls/mentions": [Where & { query: string; limit?: number }, { mentions: Mention[] }];
  "memls/suggestions": [Where, { questions: string[] }];
  "memls/index": [Where & { force?: boolean }, Status];
  "memls/memory": [Where & { action?: string; what?: string; text?: string }, Record<string, unknown>];
}
