/** What the panel says in words. */

import type { Attachment, Citation, CitationStatus, Event, ModelInfo, PageState, Status, Usage } from "../protocol";
import type { State } from "../chat/contract";
import { basename, lines, name } from "./plain";

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

export function seconds(milliseconds: number): string {
  const whole = milliseconds / 1000;
  if (whole < 10) {
    return `${whole.toFixed(1)} s`;
  }
  const rounded = Math.round(whole);
  return rounded < 60 ? `${rounded} s` : `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
}

/** Since when: for lists, so no more exact than one cares. */
export function ago(iso: string, now: number): string {
  const then = Date.parse(iso);
  if (Number.isNaN(then)) {
    return "";
  }
  const minutes = Math.floor((now - then) / 60_000);
  if (minutes < 1) {
    return "now";
  }
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    return `${hours} h`;
  }
  return hours < 7 * 24
    ? count(Math.floor(hours / 24), "day")
    : new Date(then).toLocaleDateString(undefined, { year: "numeric", month: "short", day: "numeric" });
}

export const STATUS: Record<CitationStatus, string> = {
  verified: "Verified: these lines were read, and still say the same",
  moved: "Moved: the same code stands elsewhere now",
  stale: "Stale: the code has changed since it was read",
  unverified: "Not verified: these lines were not read for this answer",
};

export const STATUS_SHORT: Record<CitationStatus, string> = {
  verified: "verified",
  moved: "moved",
  stale: "stale",
  unverified: "not verified",
};

export const PAGE: Record<PageState, string> = {
  resident: "in the window",
  stale: "its text has changed",
  evicted: "evicted: a line stays in its place",
  gone: "its code is gone",
};

export const PARTS: Record<string, string> = {
  instructions: "Instructions",
  blocks: "Memory blocks",
  queue: "Conversation",
  pages: "Code pages",
  reserve: "Kept for the answer",
};

/** A citation where it is one of the model's words. */
export function cited(one: Citation): string {
  return `${STATUS[one.status]}${one.reason ? ` (${name(one.reason)})` : ""}`;
}

/** How many citations are how, in the order in which it matters. */
export function tally(citations: readonly Citation[]): string {
  return (["verified", "moved", "stale", "unverified"] as const)
    .map((status) => ({ status, number: citations.filter((one) => one.status === status).length }))
    .filter(({ number }) => number)
    .map(({ status, number }) => `${number} ${STATUS_SHORT[status]}`)
    .join(", ");
}

/** The line that the steps of an answer fold into. */
export function spent(steps: readonly Event[], usage: Usage | null, took: number): string {
  const read = new Set(steps.flatMap((step) => (step.type === "page_in" ? [step.page.id] : []))).size;
  const number = usage?.steps ?? steps.filter((step) => step.type === "usage").length;
  const within = number ? ` in ${count(number, "step")}` : "";
  const tokens = usage ? usage.prompt_tokens + usage.completion_tokens : 0;
  return [
    read ? `Read ${count(read, "region")}${within}` : `Read no code${within}`,
    tokens ? count(tokens, "token") : "",
    took ? seconds(took) : "",
  ].filter(Boolean).join(" · ");
}

export function cost(usage: Usage): string {
  const cached = Math.round(usage.cached_prefix_ratio * 100);
  return [
    `${count(usage.prompt_tokens, "token")} sent${cached ? `, ${cached} % of them from the cache` : ""}`,
    `${count(usage.completion_tokens, "token")} received`,
    usage.peak_prompt_tokens
      ? `at most ${usage.peak_prompt_tokens.toLocaleString("en")} of ${count(usage.window, "token")} of the window at once`
      : "",
    usage.cost ? `$${usage.cost.toFixed(usage.cost < 0.1 ? 4 : 2)}` : "",
    usage.summaries ? `${count(usage.summaries, "summary", "summaries")} of what left the window` : "",
    usage.faults ? `${count(usage.faults, "region")} read again after eviction` : "",
  ].filter(Boolean).join("\n");
}

export function region({ path, symbol, start, end }: Attachment): string {
  const at = lines(start, end);
  return symbol ? name(symbol) : `${name(basename(path))}${at ? `:${at}` : ""}`;
}

export function regionInFull({ path, symbol, start, end }: Attachment): string {
  const at = lines(start, end);
  return `${name(path)}${at ? `:${at}` : ""}${symbol ? ` (${name(symbol)})` : ""}`;
}

/** What the repository is called; nothing where that is not known yet. */
export function repository({ roots, root, index }: State): string {
  const known = roots.find(({ uri }) => uri === root)?.name ?? "";
  return name(known === "" ? basename((index.root ?? "").replace(/\/+$/, "")) : known);
}

export function answering(model: ModelInfo): string {
  switch (model.kind) {
    case "endpoint": return `${name(model.name)}${model.host ? ` at ${name(model.host)}` : ""}`;
    case "editor": return `${name(model.name)}, a model of this editor`;
    case "extractive": return "No model: answers quote the code";
  }
}

export function modelName(model: ModelInfo): string {
  return model.kind === "extractive" ? "No model" : name(model.name);
}

export function progress({ state, done, total }: Status): string {
  if (state === "opening") {
    return "Opening the index…";
  }
  return total ? `Indexing ${done.toLocaleString("en")} of ${count(total, "file")}` : "Indexing…";
}
