import { afterEach, describe, expect, test, vi } from "vitest";
import type { State } from "../../src/chat/contract";
import { BackendError } from "../../src/chat/backend";
import type { Stage } from "./scripted";
import { answer, citation, context, page, READY, ROOT, Scripted, stage, turn } from "./scripted";

afterEach(() => { vi.useRealTimers(); });

type Script = Scripted["script"];

interface Case {
  name: string;
  script?: Script;
  /** The conversation that an earlier run left open. */
  left?: string;
  play: (stage: Stage) => Promise<void>;
  expected: Partial<State>;
}

const old = { path: "a.py", start: 1, end: 2 };
const SESSIONS = [{ name: "s1", title: "First", used: "2026-01-01", messages: 4 }];
const KEPT: Script = {
  "memls/sessions": { sessions: SESSIONS },
  "memls/turns": { turns: [turn(1, "One?", { answer: answer("A1", { citations: [citation("a.py", 1, 2)] }) }), turn(2, "Two?")] },
  "memls/context": ({ session }) => context(session),
  "memls/fork": { session: "forked" },
  "memls/verify": ({ citations }) => ({ citations }),
};
const idle = (): Promise<void> => Promise.resolve();
const texts = (...questions: string[]): State["turns"] => questions.map((question) => expect.objectContaining({ question }) as never);

const CASES: Case[] = [
  { name: "what was open in the last run is open again", script: KEPT, left: "s1", play: idle, expected: { session: "s1", title: "First", turns: texts("One?", "Two?"), memory: { context: context("s1"), parts: { pages: 50 }, window: 4096 } } },
  { name: "a new conversation is empty", script: KEPT, left: "s1", play: ({ act }) => act({ type: "new" }), expected: { session: "", title: "", turns: [], memory: { context: null, parts: {}, window: 0 } } },
  {
    name: "edited: a fork that remembers what came before",
    script: KEPT, left: "s1",
    play: async ({ act, backend }) => {
      await act({ type: "again", turn: "s1:2", question: "Two, rather?" });
      expect(backend.sent).toContainEqual(["memls/fork", { root: ROOT, session: "s1", turn: 2 }]);
      expect(backend.asked[0]?.params).toMatchObject({ session: "forked", question: "Two, rather?" });
    },
    expected: { session: "forked", turns: texts("One?", "Two, rather?") },
  },
  {
    name: "the first question again is a conversation of its own",
    script: KEPT, left: "s1",
    play: async ({ act, backend }) => {
      await act({ type: "again", turn: "s1:1" });
      expect(backend.methods()).not.toContain("memls/fork");
    },
    expected: { session: expect.stringMatching(/^chat-/) as never, turns: texts("One?") },
  },
  {
    name: "a question that failed is asked again where it stands",
    script: { ...KEPT, "memls/turns": { turns: [turn(1, "One?"), turn(2, "Two?", { answer: null, failure: "the endpoint is down" })] } },
    left: "s1",
    play: ({ act }) => act({ type: "again", turn: "s1:2" }),
    expected: { session: "s1", turns: texts("One?", "Two?") },
  },
  {
    name: "a question that the server never kept is there after its restart, and can be asked again",
    script: KEPT, left: "s1",
    play: async ({ act, backend, pass }) => {
      await act({ type: "ask", question: "Three?", attachments: [] });
      backend.become({ state: "restarting", message: "", remedies: [] });
      await pass();
      backend.become(READY);
      await pass(1000);
    },
    expected: { session: "s1", turns: [...texts("One?", "Two?"), expect.objectContaining({ question: "Three?", state: "failed" }) as never] },
  },
  {
    name: "failed and asked again at once is one turn in what was kept",
    script: { ...KEPT, "memls/turns": { turns: [turn(1, "One?", { answer: null, failure: "down" }), turn(2, "One?")] } },
    left: "s1", play: idle, expected: { turns: texts("One?") },
  },
  {
    name: "a turn that no run of ours will end is said to be unfinished",
    script: { ...KEPT, "memls/turns": { turns: [turn(1, "One?", { answer: null })] } },
    left: "s1", play: idle, expected: { turns: [expect.objectContaining({ state: "failed" }) as never] },
  },
  { name: "renamed", script: { ...KEPT, "memls/rename": { sessions: [{ ...SESSIONS[0]!, title: "Better" }] } }, left: "s1", play: ({ act }) => act({ type: "rename", session: "s1", title: "Better" }), expected: { title: "Better" } },
  { name: "forgotten: the panel shows a new one", script: { ...KEPT, "memls/forget": { sessions: [] } }, left: "s1", play: ({ act }) => act({ type: "forget", session: "s1" }), expected: { session: "", turns: [], sessions: [] } },
  { name: "refused: it stays", script: { ...KEPT, "memls/forget": new BackendError("refused", "it is running") }, left: "s1", play: ({ act }) => act({ type: "forget", session: "s1" }), expected: { session: "s1", sessions: SESSIONS } },
  {
    name: "citations turn stale as files change, and back",
    script: { ...KEPT, "memls/verify": ({ citations }) => ({ citations: citations.map((one) => ({ ...one, status: "stale" as const })) }) },
    left: "s1",
    play: async ({ backend, pass, panel }) => {
      expect(panel().turns[0]?.citations[0]?.status).toBe("stale");
      backend.script["memls/verify"] = ({ citations }) => ({ citations });
      const before = backend.sent.length;
      backend.changed(["b.py"]);
      await pass(1000);
      expect(backend.methods().slice(before)).not.toContain("memls/verify");
      for (let n = 0; n < 20; n++) {
        backend.changed(["a.py"]);
        await pass(10);
      }
      await pass(1000);
      expect(backend.methods().slice(before).filter((method) => method === "memls/verify")).toHaveLength(1);
    },
    expected: { turns: [expect.objectContaining({ citations: [citation("a.py", 1, 2)] }) as never, ...texts("Two?")] },
  },
  {
    name: "memory follows a pin",
    script: { ...KEPT, "memls/pin": ({ session }) => context(session, { pages: [page("p1", "a.py", { pinned: true })] }) },
    left: "s1",
    play: ({ act }) => act({ type: "pin", page: "p1" }),
    expected: { memory: { context: context("s1", { pages: [page("p1", "a.py", { pinned: true })] }), parts: { pages: 50 }, window: 4096 } },
  },
  {
    name: "memory follows pages that come, once for many",
    script: KEPT, left: "s1",
    play: async ({ act, backend, pass }) => {
      await act({ type: "ask", question: "How?", attachments: [] });
      backend.script["memls/context"] = ({ session }) => context(session, { running: true });
      const before = backend.sent.length;
      for (let n = 0; n < 50; n++) {
        backend.event({ type: "page_in", page: page(`p${String(n)}`, "a.py") });
      }
      await pass(1000);
      expect(backend.methods().slice(before)).toEqual(["memls/context"]);
    },
    expected: { memory: { context: context("s1", { running: true }), parts: { pages: 50 }, window: 4096 } },
  },
  {
    name: "the meter moves with each request to the model",
    script: KEPT, left: "s1",
    play: async ({ act, backend, pass }) => {
      await act({ type: "ask", question: "How?", attachments: [] });
      backend.event({ type: "usage", step: 1, prompt_tokens: 70, window: 8192, parts: { pages: 20, queue: 50 } });
      await pass();
    },
    expected: { memory: { context: context("s1"), parts: { pages: 20, queue: 50 }, window: 8192 } },
  },
  {
    name: "paging in opens a conversation where there is none",
    script: { ...KEPT, "memls/page_in": ({ session, targets }) => context(session, { summary: targets.join(" ") }) },
    play: async ({ controller, pass }) => {
      await controller.pageIn([old, { path: "b.py", symbol: "B.f" }, { path: "c.py" }]);
      await pass();
    },
    expected: { session: expect.stringMatching(/^chat-/) as never, memory: expect.objectContaining({ context: expect.objectContaining({ summary: "a.py:1-2 b.py:B.f c.py" }) as never }) as never },
  },
  {
    name: "questions are proposed once the index is ready",
    script: { "memls/status": { state: "indexing", error: "", done: 1, total: 9 }, "memls/suggestions": { questions: ["What is A?"] }, "memls/sessions": { sessions: [] } },
    play: async ({ backend, pass, panel }) => {
      expect(panel()).toMatchObject({ index: { state: "indexing", done: 1 }, suggestions: [] });
      backend.script["memls/status"] = { state: "ready", error: "", done: 9, total: 9, root: "/srv/shop" };
      await pass(2000);
    },
    expected: { suggestions: ["What is A?"], index: { state: "ready", error: "", done: 9, total: 9, root: "/srv/shop" } },
  },
  {
    name: "another repository: its own conversation, and back",
    script: KEPT, left: "s1",
    play: async ({ controller, act, pass }) => {
      controller.setRoots([{ name: "shop", uri: ROOT }, { name: "bank", uri: "file:///srv/bank" }]);
      await act({ type: "choose_root", uri: "file:///srv/bank" });
      expect(controller.state).toMatchObject({ root: "file:///srv/bank", session: "", turns: [] });
      await act({ type: "choose_root", uri: ROOT });
      await pass(500);
    },
    expected: { root: ROOT, session: "s1", turns: texts("One?", "Two?") },
  },
  {
    name: "a file of another repository: that one is asked, and what was selected in this one is not offered for it",
    script: KEPT, left: "s1",
    play: async ({ controller, backend, pass }) => {
      controller.setRoots([{ name: "shop", uri: ROOT }, { name: "bank", uri: "file:///srv/bank" }]);
      controller.select({ path: "a.py", start: 1, end: 2 });
      await controller.turnTo("file:///srv/bank");
      expect(backend.sent.at(-1)?.[1]).toMatchObject({ root: "file:///srv/bank" });
      await controller.turnTo("file:///srv/nowhere");
      void controller.ask("What is this?", []);
      await pass();
      expect(backend.asked[0]?.params).toMatchObject({ root: "file:///srv/bank" });
    },
    expected: { root: "file:///srv/bank", selection: null, turns: texts("What is this?") },
  },
  {
    name: "an older server: answers all the same",
    script: { "memls/memory": { sessions: [{ name: "s0", used: "2026", messages: 2 }], notes: [] } },
    play: async ({ act, backend, editor, pass }) => {
      await act({ type: "ask", question: "How?", attachments: [] });
      backend.asked[0]?.answer(answer("So.", { citations: [citation("a.py", 1, 2)] }));
      await pass();
      backend.changed(["a.py"]);
      await pass(1000);
      await act({ type: "rename", session: "s0", title: "x" });
      await act({ type: "export", session: "s0" });
      expect(editor.noted).toEqual([["tell", expect.stringContaining("older than the extension")]]);
    },
    expected: { turns: [expect.objectContaining({ state: "answered", text: "So." }) as never], sessions: [{ name: "s0", title: "s0", used: "2026", messages: 2 }] },
  },
];

describe("conversations and memory", () => {
  test.each(CASES)("$name", async ({ script, left, play, expected }) => {
    const on = await stage(script, ({ editor }) => { editor.kept.set(`session ${ROOT}`, left ?? ""); });
    await on.pass(1000);
    await play(on);
    expect(on.panel()).toMatchObject(expected);
    on.controller.close();
  });
});

describe("what the panel asks", () => {
  const hit = { path: "a.py", line: 3, end_line: 9, symbol: "A", kind: "class", score: 1, text: "class A:" };
  const mention = { kind: "class", path: "a.py", symbol: "A", start: 3, end: 9, detail: "a.py" };
  test.each([
    { name: "mentions", script: { "memls/mentions": { mentions: [mention] } }, question: { name: "mentions", params: { query: "A" } }, reply: { value: [mention] } },
    { name: "mentions of an older server", script: { "memls/search": { hits: [hit], total: 1, near: [] } }, question: { name: "mentions", params: { query: "A" } }, reply: { value: [{ ...mention, ...hit, detail: "class, a.py" }] } },
    { name: "lines", script: { "memls/read": { ...old, language: "python", text: "x" } }, question: { name: "read", params: old }, reply: { value: { ...old, language: "python", text: "x" } } },
    { name: "lines that are gone", script: { "memls/read": new BackendError("refused", "no such file: a.py") }, question: { name: "read", params: old }, reply: { value: null, error: "No such file: a.py" } },
    { name: "conversations by words", script: { "memls/sessions": ({ query }) => ({ sessions: query === "first" ? SESSIONS : [] }) }, question: { name: "search_sessions", params: { query: "first" } }, reply: { value: SESSIONS } },
  ] satisfies { name: string; script: Script; question: object; reply: object }[])("$name", async ({ script, question, reply }) => {
    const on = await stage(script);
    await on.act({ type: "question", id: 7, ...question } as never);
    expect(on.updates).toContainEqual({ type: "reply", id: 7, ...reply });
  });
});

describe("what the editor does for the panel", () => {
  test.each([
    [{ type: "open", path: "a.py", start: 3, end: 4 }, ["open", { base: "/srv/shop", path: "a.py", start: 3, end: 4, aside: false }]],
    [{ type: "copy", text: "x" }, ["copy", "x"]],
    [{ type: "open_link", href: "https://example.org" }, ["openLink", "https://example.org"]],
    [{ type: "choose_model" }, ["chooseModel"]],
    [{ type: "remedy", remedy: "retry" }, ["remedy", "retry"]],
    [{ type: "export", session: "s1" }, ["save", "First.md", "# First"]],
  ] as const)("%j", async (action, noted) => {
    const status = { state: "ready", error: "", done: 0, total: 0, root: "/srv/shop" } as const;
    const on = await stage({ ...KEPT, "memls/status": status, "memls/export": { markdown: "# First" } });
    await on.act(action);
    expect(on.editor.noted).toEqual([noted]);
  });
});
