/** What the server and its clients say to each other beyond LSP. Generated from memls/lsp/contract.py. */

export type CitationStatus = "verified" | "moved" | "stale" | "unverified";
export type PageState = "resident" | "stale" | "evicted" | "gone";
export type PageDetail = "full" | "outline" | "tombstone";

/**
 * A region the answer leans on. Lines count from 1, both ends included.
 * `hash` is the XXH3 of the region's current text ("" where it is gone). `start` and `end` are current lines:
 * for `moved` they are the new ones and `cited_start`, `cited_end` what the answer says.
 */
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

/** Cost of an answer. Tokens are the provider's where it reports them, else our estimate. */
export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  peak_prompt_tokens: number;
  cached_prefix_ratio: number;
  window: number;
  steps: number;
  faults: number;
  /** Dollars; None where neither the provider nor the user says what the model costs. */
  cost: number | null;
  /** Recursive summaries that the model wrote, in calls of their own beside the steps. */
  summaries: number;
}

/** One row of the page table as shown to a person. */
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

/** The result of `memls ask`, in the field names of the JSON contract. */
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
  | { type: "retracted"; reason: string; text: string }
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

/** A region that goes along with a question: a file, a symbol in it, or lines of it. */
export interface Attachment {
  path: string;
  symbol?: string;
  start?: number;
  end?: number;
}

/** `start` and `end` are the lines selected in `uri`. `memls/event` carries `token` back. */
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

/** One question of a conversation, as it is kept. It is being answered where it has neither end. */
export interface Turn {
  number: number;
  question: string;
  attachments: Attachment[];
  time: string;
  answer: Answer | null;
  /** The events of the run but tokens, citations and the end; of a very long run the first and the last. */
  steps: Event[];
  /** Why there is no answer, where there is none; `stopped` where the user stopped it. */
  failure: string;
}

/** A conversation. Its title is what the user called it, else its first question. */
export interface SessionInfo {
  name: string;
  title: string;
  used: string;
  messages: number;
}

/** A note in the archive. */
export interface NoteInfo {
  id: number;
  text: string;
  session: string;
  time: string;
}

/** A session's main context: what `memls/context` and all that change it answer. */
export interface Context {
  session: string;
  running: boolean;
  window: number;
  tokens: number;
  /**
   * Tokens by part: instructions, blocks, summary, queue, pages, which make `tokens`; and reserve, which is kept
   * free for the reply.
   */
  parts: Record<string, number>;
  blocks: Record<string, string>;
  /** Tokens that each block may hold. */
  block_limits: Record<string, number>;
  summary: string;
  pages: PageInfo[];
}

/** One place that a search found. */
export interface Hit {
  path: string;
  line: number;
  end_line: number;
  symbol: string;
  kind: string;
  score: number;
  text: string;
}

/** Some hits, best first, of `total`. `near` are names like one that does not exist. */
export interface SearchResult {
  hits: Hit[];
  total: number;
  near: string[];
}

/** What a question would be answered by. `window` is 0 where the endpoint has yet to be asked for it. */
export interface ModelInfo {
  kind: "endpoint" | "editor" | "extractive";
  name: string;
  window: number;
  /** The endpoint's, without credentials, path and query. */
  host: string;
}

/** How many texts of the index have embeddings of a model. `problem`: why no more. */
export interface Embeddings {
  model: string;
  done: number;
  total: number;
  problem: string;
}

/** What the server does, and what is indexed as soon as the index is open. */
export interface Status {
  state: "none" | "opening" | "indexing" | "ready" | "failed";
  error: string;
  done: number;
  total: number;
  version?: string;
  model?: ModelInfo;
  root?: string;
  /** Whether this process owns the repository, or asks the one that does. */
  owner?: boolean;
  files?: number;
  symbols?: number;
  references?: number;
  bytes?: number;
  generation?: number;
  listing?: string;
  languages?: Record<string, number>;
  /** Path and reason. */
  not_indexed?: [string, string][];
  /** Path and number. */
  syntax_errors?: [string, number][];
  building?: boolean;
  /** Languages whose symbols are found by a rule for all languages. */
  generic?: string[];
  /** Where the server's environment names a model for them. */
  embeddings?: Embeddings | null;
}

/** A file or symbol that `@` completes to. `detail` says where it is. */
export interface Mention {
  kind: string;
  path: string;
  symbol: string;
  start: number;
  end: number;
  detail: string;
}

/** Lines of a file as the client sees them, unsaved text included. */
export interface CodeLines {
  path: string;
  start: number;
  end: number;
  language: string;
  text: string;
}

/**
 * The notification `memls/changed`: the text of these files is not what it was.
 * It is sent to clients that ask for it in `initializationOptions`: `{"notifications": {"changed": true}}`.
 */
export interface Changed {
  root: string;
  generation: number;
  paths: string[];
  /** Too many to name, or nobody knows which. */
  all: boolean;
}

export interface SearchParams extends Where {
  query: string;
  kind?: "auto" | "symbol" | "text" | "regex";
  path?: string;
  limit?: number;
  offset?: number;
}

export interface SessionParams extends Where {
  session: string;
}

/** `page` is its handle, such as `p3`. */
export interface PageParams extends SessionParams {
  page: string;
}

/** Targets are `path:Symbol`, `path:start-end` or `path`. */
export interface PageInParams extends SessionParams {
  targets: string[];
}

/** `text` is the whole of the block from now on. */
export interface BlockParams extends SessionParams {
  name: "task" | "project" | "user";
  text: string;
}

/** With `query`, only the sessions that have all its words in their title, questions and answers. */
export interface SessionsParams extends Where {
  query?: string;
}

/** The latest first. */
export interface Sessions {
  sessions: SessionInfo[];
}

export interface Turns {
  turns: Turn[];
}

/** An empty title is the first question again. */
export interface RenameParams extends SessionParams {
  title: string;
}

export interface ForkParams extends SessionParams {
  turn: number;
}

export interface Forked {
  session: string;
}

export interface Exported {
  markdown: string;
}

export interface Citations {
  citations: Citation[];
}

export interface VerifyParams extends Where {
  citations: Citation[];
}

export interface ReadParams extends Where {
  path: string;
  start: number;
  end: number;
}

export interface MentionsParams extends Where {
  query: string;
  limit?: number;
}

export interface Mentions {
  mentions: Mention[];
}

export interface Suggestions {
  questions: string[];
}

/** `force`: from nothing. */
export interface IndexParams extends Where {
  force?: boolean;
}

export interface MemoryParams extends Where {
  action?: "list" | "show" | "forget" | "remember";
  what?: string;
  text?: string;
}

/** The notification `memls/event`. */
export type AskEvent = Event & { token: string };

/** Requests by method: parameters and answer. */
export interface Requests {
  "memls/ask": [AskParams, Answer];
  "memls/search": [SearchParams, SearchResult];
  "memls/status": [Where, Status];
  /** Bring the index up to date; answers when that is done. */
  "memls/index": [IndexParams, Status];
  "memls/context": [SessionParams, Context];
  "memls/pin": [PageParams, Context];
  "memls/unpin": [PageParams, Context];
  "memls/evict": [PageParams, Context];
  /** A session that is not there is opened. One that runs takes them in shortly. */
  "memls/page_in": [PageInParams, Context];
  /** Refused where the text has more tokens than a block. */
  "memls/block": [BlockParams, Context];
  "memls/sessions": [SessionsParams, Sessions];
  "memls/turns": [SessionParams, Turns];
  "memls/rename": [RenameParams, Sessions];
  "memls/forget": [SessionParams, Sessions];
  /** A new session that remembers the turns before `turn`. The old one stays. */
  "memls/fork": [ForkParams, Forked];
  "memls/export": [SessionParams, Exported];
  /** The citations as they hold now, in their order. */
  "memls/verify": [VerifyParams, Citations];
  "memls/read": [ReadParams, CodeLines];
  "memls/mentions": [MentionsParams, Mentions];
  "memls/suggestions": [Where, Suggestions];
  "memls/memory": [MemoryParams, Record<string, unknown>];
}

/** Notifications of the server by method. */
export interface Notifications {
  "memls/event": AskEvent;
  "memls/changed": Changed;
}
