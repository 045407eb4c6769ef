/** The steps of an answer, in words: one line for each thing that happened. */

import type { Event, PageInfo } from "../protocol";
import type { IconName } from "./icons";
import { basename, lines, name } from "./plain";
import { count } from "./words";

export interface Line {
  icon: IconName;
  what: string;
  /** The code it is about; it can be opened. */
  page?: PageInfo;
  detail: string;
  bad: boolean;
}

/** Nothing for steps that others say already. */
export function line(event: Event): Line | null {
  switch (event.type) {
    case "page_in":
      return { icon: "file-code", what: "Read", page: event.page, detail: size(event.page), bad: false };
    case "page_out":
      return { icon: "export", what: "Put away", page: event.page, detail: at(event.page, name(event.reason)), bad: false };
    case "interrupt":
      return { icon: icon(event.kind), what: news(event.kind), detail: name(event.text), bad: event.kind === "thrashing" };
    case "retracted":
      return retracted(name(event.text), name(event.reason));
    case "syscall":
      return call(event);
    default:
      return null;
  }
}

/** What a model says on its way is worth a line; that citations are to be mended is said by another. */
function retracted(text: string, reason: string): Line | null {
  if (text) {
    return { icon: "comment-discussion", what: text, detail: "", bad: false };
  }
  return reason.startsWith("citations") ? null : { icon: "discard", what: "Began the answer anew", detail: reason, bad: false };
}

function size(page: PageInfo): string {
  return at(page, `${page.detail === "outline" ? "outline, " : ""}${count(page.tokens, "token")}`);
}

/** With the place, where the page goes by the name of its symbol. */
function at(page: PageInfo, detail: string): string {
  return [page.symbol ? place(page) : "", detail].filter(Boolean).join(" · ");
}

type Call = Extract<Event, { type: "syscall" }>;

function call({ name: called, arguments: given, ok, summary }: Call): Line | null {
  if (ok && (called === "page_in" || called === "page_out")) {
    return null; // each page has its own line
  }
  const of = (key: string): string => shown(given[key]);
  const [icon, what] = doing(called, of, of("kind"));
  const found = count_(summary);
  return { icon: ok ? icon : "warning", what, detail: ok ? found : name(summary), bad: !ok };
}

function doing(called: string, of: (key: string) => string, kind: string): [IconName, string] {
  switch (called) {
    case "find":
      return ["search", `${FIND[kind] ?? "Searched for"} ${of("query")}${of("path") ? ` in ${of("path")}` : ""}`];
    case "references":
      return ["references", `Looked for ${kind || "callers"} of ${of("symbol")}`];
    case "outline":
      return ["list-unordered", `Looked over ${of("path") === "." || !of("path") ? "the repository" : of("path")}`];
    case "remember":
      return ["note", `Noted ${of("text") || of("note")}`];
    case "recall":
      return ["library", `Searched its memory for ${of("query")}`];
    case "history":
      return ["git-commit", `Read the history of ${of("target") || of("path") || of("symbol")}`];
    case "page_in":
      return ["file-code", `Asked for ${of("targets")}`];
    case "page_out":
      return ["export", `Put away ${of("pages") || of("targets")}`];
    default:
      return ["symbol-method", name(called)];
  }
}

const FIND: Record<string, string> = {
  symbol: "Looked up",
  text: "Searched the text for",
  regex: "Searched by pattern for",
};

const MOST = 120;

function shown(value: unknown): string {
  const text = Array.isArray(value)
    ? value.map(shown).join(", ")
    : typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
  const short = name(text);
  return short.length > MOST ? `${short.slice(0, MOST)}…` : short;
}

/** A summary is the first line of what the model got: of interest where it counts, or says that nothing was found. */
function count_(summary: string): string {
  return /^(\d|no )/.test(summary) ? name(summary) : "";
}

function news(kind: string): string {
  return NEWS[kind] ?? "News";
}

const NEWS: Record<string, string> = {
  files: "Files changed meanwhile",
  pressure: "The window is nearly full",
  evicted: "Made room",
  thrashing: "Reading the same code again and again",
  limit: "A limit was reached",
  empty: "An empty reply, asked again",
  citations: "Citations to be mended",
  user: "A message from you",
};

function icon(kind: string): IconName {
  return kind === "files" ? "sync" : kind === "citations" ? "verified" : kind === "user" ? "comment-discussion" : "layers";
}

/** Where a page is, as briefly as one can say it. */
export function place(page: PageInfo): string {
  return `${name(basename(page.path))}:${lines(page.start, page.end)}`;
}
