/** States that the panel can be in, each by a name: what the gallery shows, and what tests begin with. */

import type { State, TurnView } from "../../../src/chat/contract";
import { ASKED, CITATIONS, SESSIONS, STEPS, citation, context, page, result, turn } from "./samples";

const EMPTY: State = {
  around: "editor",
  server: { state: "ready", message: "", remedies: [] },
  index: { state: "ready", error: "", done: 0, total: 0, root: "/home/u/django", files: 4123, symbols: 51002, generation: 3 },
  model: { kind: "endpoint", name: "qwen3-coder-30b", window: 16384, host: "localhost:11434" },
  session: "",
  title: "",
  sessions: SESSIONS,
  turns: [],
  memory: { context: null, parts: {}, window: 0 },
  suggestions: [
    "How does a request reach a view?",
    "Where is it decided which database a query goes to?",
    "What happens when two migrations of one application conflict?",
  ],
  attachments: [],
  selection: null,
  roots: [{ name: "django", uri: "file:///home/u/django" }],
  root: "file:///home/u/django",
};

const PAGES = [
  ...Array.from({ length: 9 }, (_, at) => page(at)),
  page(9, { state: "stale" }),
  page(10, { state: "evicted", detail: "tombstone", tokens: 22 }),
  page(12, { state: "gone", detail: "tombstone", tokens: 18, symbol: "" }),
];

const MEMORY = { context: context(PAGES), parts: context([]).parts, window: 16384 };

function talk(...turns: TurnView[]): State {
  return { ...EMPTY, session: "s1", title: "Which database does a query go to", turns, memory: MEMORY };
}

const REMEDIES = [
  { label: "Install with uv", remedy: "install_uv" },
  { label: "Install with pip", remedy: "install_pip" },
  { label: "Choose Python…", remedy: "choose_python" },
  { label: "Try again", remedy: "retry" },
  { label: "Show log", remedy: "show_log" },
];

const RUNNING: Partial<TurnView> = { asked: new Date().toISOString(), state: "running", text: "", steps: [], citations: [], result: null, took: 0 };

export const STATES: Record<string, State> = {
  empty: { ...EMPTY, selection: { path: "django/db/utils.py", start: 198, end: 214 } },
  indexing: {
    ...EMPTY,
    index: { state: "indexing", error: "", done: 1250, total: 4123 },
    suggestions: [],
    model: { kind: "extractive", name: "extractive", window: 16384, host: "" },
  },
  starting: { ...EMPTY, server: { state: "starting", message: "", remedies: [] }, suggestions: [], model: null },
  restarting: {
    ...talk(turn("t1", { state: "failed", text: "", steps: STEPS.slice(0, 3), citations: [], result: null, failure: "The server, or the connection to it, ended while it answered. What it had read is kept: ask again." })),
    server: { state: "restarting", message: "memls ended unexpectedly, and starts again in 4 s.", remedies: [{ label: "Show log", remedy: "show_log" }] },
  },
  missing: {
    ...EMPTY,
    server: { state: "missing", message: "memls is not installed: no Python here has it.", remedies: REMEDIES },
    suggestions: [],
    model: null,
  },
  failed: {
    ...EMPTY,
    server: { state: "failed", message: "memls ended five times within three minutes. The log says why.", remedies: REMEDIES.slice(3) },
  },
  "no-folder": {
    ...EMPTY,
    server: { state: "missing", message: "No folder is open. memls answers questions about a folder's code.", remedies: [{ label: "Open a folder", remedy: "open_folder" }] },
    index: { state: "none", error: "", done: 0, total: 0 },
    roots: [],
    root: "",
    suggestions: [],
    sessions: [],
  },
  "index-failed": {
    ...EMPTY,
    index: { state: "failed", error: "The index cannot be written: no space is left on the device.", done: 0, total: 0 },
  },
  working: talk(turn("t1", { ...RUNNING, steps: STEPS.slice(0, 8) })),
  streaming: talk(turn("t1", { ...RUNNING, steps: STEPS, text: turn("").text.slice(0, 900), citations: CITATIONS.slice(0, 2) })),
  answered: {
    ...talk(turn("t1", { attachments: [{ path: "django/db/utils.py", start: 198, end: 214 }] })),
    attachments: [{ path: "django/db/models/query.py", symbol: "QuerySet.db" }, { path: "django/core/management/commands/runserver.py", start: 10, end: 30 }],
    selection: { path: "django/db/utils.py", start: 1, end: 9 },
  },
  endpoint: talk(
    turn("t1", {
      state: "failed",
      text: "",
      steps: STEPS.slice(0, 2),
      citations: [],
      result: null,
      failure: "The endpoint at localhost:11434 refused the connection. Start it, or choose another model.",
    }),
  ),
  incomplete: talk(
    turn("t1", { state: "incomplete", text: "The router asks each of them [django/db/utils.py:198-214].", citations: CITATIONS.slice(0, 1), result: result({ status: "incomplete", notes: ["a limit ended the run before the model was done", "the index was not complete: 1,250 of 4,123 files"] }) }),
    turn("t2", { state: "stopped", text: "Reading goes", citations: [], result: null, question: "And who decides for writing?" }),
  ),
  long: talk(
    ...Array.from({ length: 12 }, (_, at) =>
      turn(`t${at}`, {
        question: at % 3 ? `Question ${at}: what of ${"the next one ".repeat(at)}?` : turn("").question,
        citations: at % 2 ? [] : [...CITATIONS, ...Array.from({ length: at }, (_, more) => citation(`src/more/file${more}.py`, more + 1, more + 9, "verified"))],
      }),
    ),
  ),
  full: {
    ...talk(turn("t1")),
    memory: {
      context: context(PAGES, { parts: { instructions: 620, blocks: 980, queue: 3410, pages: 10710, reserve: 1024 } }),
      parts: { instructions: 620, blocks: 980, queue: 3410, pages: 10710, reserve: 1024 },
      window: 16384,
    },
  },
  pages: {
    ...talk(turn("t1")),
    memory: { ...MEMORY, context: context(Array.from({ length: 500 }, (_, at) => page(at, { state: at % 3 ? "evicted" : "resident" }))) },
  },
  rtl: talk(turn("t1", { question: "איך נבחר מסד הנתונים לשאילתה?", text: "הנתב שואל כל אחד מהם לפי הסדר [django/db/utils.py:198-214], ואז חוזר ל־`default`.\n\n- ראשון\n- שני", citations: CITATIONS.slice(0, 1) })),
  roots: { ...talk(turn("t1", { asked: ASKED })), roots: [...EMPTY.roots, { name: "a repository with a long name", uri: "file:///b" }] },
};
