import { describe, expect, it } from "vitest";
import { line } from "../../src/panel/events";
import { name, prose } from "../../src/panel/plain";
import { aloud } from "../../src/panel/spoken";
import { ago, seconds, spent, tally } from "../../src/panel/words";
import { html } from "../../src/panel/html";
import type { Event } from "../../src/protocol";
import { CITATIONS, STEPS, USAGE, page } from "../panel/gallery/samples";

describe("steps in words", () => {
  const syscall = (called: string, given: Record<string, unknown>, ok = true, summary = ""): Event =>
    ({ type: "syscall", name: called, arguments: given, ok, summary });
  const cases: { event: Event; said: string | undefined }[] = [
    { event: syscall("find", { query: "routing" }, true, "12 of 48"), said: "Searched for routing | 12 of 48" },
    { event: syscall("find", { query: "Router", kind: "symbol", path: "src" }), said: "Looked up Router in src | " },
    { event: syscall("references", { symbol: "a.f", kind: "callees" }), said: "Looked for callees of a.f | " },
    { event: syscall("outline", { path: "." }), said: "Looked over the repository | " },
    { event: syscall("page_in", { targets: ["a.py"] }), said: undefined },
    { event: syscall("page_in", { targets: ["a.py", "b.py"] }, false, "no file a.py"), said: "Asked for a.py, b.py | no file a.py" },
    { event: syscall("of tomorrow", {}), said: "of tomorrow | " },
    { event: { type: "page_in", page: page(1) }, said: "Read | utils.py:53-74 · 457 tokens" },
    { event: { type: "page_out", page: page(1), reason: "to make room" }, said: "Put away | utils.py:53-74 · to make room" },
    { event: { type: "retracted", reason: "a syscall followed", text: "Routes first." }, said: "Routes first. | " },
    { event: { type: "retracted", reason: "a syscall followed", text: "" }, said: "Began the answer anew | a syscall followed" },
    { event: { type: "retracted", reason: "citations to be mended", text: "" }, said: undefined },
    { event: { type: "interrupt", kind: "files", text: "a.py changed" }, said: "Files changed meanwhile | a.py changed" },
    { event: { type: "usage", step: 1, prompt_tokens: 1, window: 1, parts: {} }, said: undefined },
  ];
  it.each(cases)("$said", ({ event, said }) => {
    const found = line(event);
    expect(found ? `${found.what} | ${found.detail}` : undefined).toBe(said);
  });

  it("fold into one line", () => {
    expect(spent(STEPS, USAGE, 8100)).toBe("Read 4 regions in 4 steps · 9,628 tokens · 8.1 s");
    expect(spent([], null, 0)).toBe("Read no code");
  });
});

describe("text of others", () => {
  const cases: [string, string, string][] = [
    ["a\u202Egpj.exe", "a\\u202egpj.exe", "a\\u202egpj.exe"],
    ["two\nlines", "two lines", "two\nlines"],
    ["bell\u0007", "bell\\u0007", "bell\\u0007"],
    ["zero\u200Bwidth", "zero\\u200bwidth", "zero\u200Bwidth"],
    ["tag\u{e0041}", "tag\\ue0041", "tag\\ue0041"],
    ["plain", "plain", "plain"],
  ];
  it.each(cases)("%j cannot hide", (text, asName, asProse) => {
    expect([name(text), prose(text)]).toEqual([asName, asProse]);
  });
});

describe("numbers and times", () => {
  it.each([[940, "0.9 s"], [8100, "8.1 s"], [59_400, "59 s"], [59_600, "1 min 0 s"], [125_000, "2 min 5 s"]])("%d ms: %s", (given, said) => {
    expect(seconds(given)).toBe(said);
  });

  const now = Date.parse("2026-11-22T12:00:00Z");
  it.each([["2026-11-22T11:59:40Z", "now"], ["2026-11-22T11:15:00Z", "45 min"], ["2026-11-22T09:00:00Z", "3 h"], ["2026-11-20T09:00:00Z", "2 days"], ["never", ""]])("%s: %s", (given, said) => {
    expect(ago(given, now)).toBe(said);
  });

  it("counts citations by how they are", () => {
    expect(tally(CITATIONS)).toBe("2 verified, 1 moved, 1 stale, 1 not verified");
  });
});

describe("the page", () => {
  const page = html({ nonce: 'n"><script>', source: "'self'", script: "a&b.js", style: "s.css" });
  it("allows nothing but its own script and style", () => {
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/unsafe|\s(?:style|on\w+)=/);
  });
  it("keeps what it is given in its place", () => {
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).toContain('src="a&amp;b.js"');
  });
});

it.each([
  ["`run_in_threadpool` runs **it** in a _thread_ [a.py:1-3].", "run_in_threadpool runs it in a thread a.py:1-3."],
  ["See `Route.__init__` and request_response.", "See Route.__init__ and request_response."],
  ["It is\n```py\ndef f(a_b):\n    return a_b\n```\nso.", "It is\n\nso."],
  ["It is\n```py\ndef f(", "It is\n"],
  ["# Head\n> said\n\n| a | b |", " Head\n said\n\n a  b "],
])("%j is heard as %j", (markdown, heard) => {
  expect(aloud(markdown)).toBe(heard);
});
