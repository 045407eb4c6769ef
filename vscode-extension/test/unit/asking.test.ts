import { afterEach, describe, expect, test, vi } from "vitest";
import type { ServerView, TurnView } from "../../src/chat/contract";
import { BackendError } from "../../src/chat/backend";
import type { Stage } from "./scripted";
import { answer, citation, page, READY, ROOT, stage, turn } from "./scripted";

afterEach(() => { vi.useRealTimers(); });

interface Case {
  name: string;
  play: (stage: Stage) => Promise<void>;
  /** Of the last turn. */
  expected: Partial<TurnView>;
}

const streaming = async ({ act, backend, pass }: Stage): Promise<void> => {
  await act({ type: "ask", question: "How?", attachments: [] });
  backend.event({ type: "token", text: "So " });
  backend.event({ type: "token", text: "it " });
  await pass(40);
};
const gone: ServerView = { state: "restarting", message: "", remedies: [] };

const CASES: Case[] = [
  { name: "nothing heard yet", play: ({ act }) => act({ type: "ask", question: "How?", attachments: [] }), expected: { state: "waiting", text: "" } },
  { name: "text as it streams", play: streaming, expected: { state: "running", text: "So it " } },
  {
    name: "what was retracted is gone, and said",
    play: async (s) => {
      await streaming(s);
      s.backend.event({ type: "token", text: "was" });
      s.backend.event({ type: "retracted", reason: "a syscall", text: "Let me look." });
      s.backend.event({ type: "token", text: "Now" });
      await s.pass(40);
    },
    expected: { state: "running", text: "Now", steps: [{ type: "retracted", reason: "a syscall", text: "Let me look." }] },
  },
  {
    name: "an answer that is to be given anew is read until the new one comes",
    play: async (s) => {
      await streaming(s);
      s.backend.event({ type: "token", text: "was" });
      s.backend.event({ type: "retracted", reason: "citations to be mended", text: "" });
      s.backend.event({ type: "page_in", page: page("p1", "a.py") });
      await s.pass(40);
      expect(s.panel().turns[0]).toMatchObject({ state: "running", text: "So it was" });
      s.backend.event({ type: "token", text: "It is" });
      s.backend.event({ type: "token", text: " so" });
      await s.pass(40);
    },
    expected: { state: "running", text: "It is so" },
  },
  {
    name: "stopped while it is to be given anew: what was there stays",
    play: async (s) => {
      await streaming(s);
      s.backend.event({ type: "retracted", reason: "citations to be mended", text: "" });
      await s.pass(40);
      await s.act({ type: "stop" });
    },
    expected: { state: "stopped", text: "So it " },
  },
  {
    name: "steps, and no tokens or citations among them",
    play: async (s) => {
      await streaming(s);
      s.backend.event({ type: "page_in", page: page("p1", "a.py") });
      s.backend.event({ type: "citation", citation: citation("a.py", 1, 2) });
      s.backend.event({ type: "citation", citation: citation("a.py", 4, 5, { status: "moved", cited_start: 1, cited_end: 2 }) });
      await s.pass(40);
    },
    expected: {
      steps: [{ type: "page_in", page: page("p1", "a.py") }],
      citations: [citation("a.py", 4, 5, { status: "moved", cited_start: 1, cited_end: 2 })],
    },
  },
  {
    name: "the answer",
    play: async (s) => {
      await streaming(s);
      s.backend.asked[0]?.answer(answer("So it is.", { citations: [citation("a.py", 1, 2)] }));
      await s.pass(500);
    },
    expected: { state: "answered", text: "So it is.", citations: [citation("a.py", 1, 2)], took: 40, failure: "" },
  },
  {
    name: "an incomplete answer",
    play: async (s) => {
      await streaming(s);
      s.backend.asked[0]?.answer(answer("Half", { status: "incomplete" }));
      await s.pass();
    },
    expected: { state: "incomplete", text: "Half" },
  },
  {
    name: "stopped: what streamed stays, what comes later is not heard",
    play: async (s) => {
      await streaming(s);
      await s.act({ type: "stop" });
      s.backend.event({ type: "token", text: "late" });
      await s.pass(40);
      expect(s.backend.cancelled).toEqual(["How?"]);
    },
    expected: { state: "stopped", text: "So it ", failure: "" },
  },
  {
    name: "the model failed",
    play: async (s) => {
      await streaming(s);
      s.backend.asked[0]?.fail(new BackendError("refused", "no answer from localhost: is the endpoint up?\nmore"));
      await s.pass();
    },
    expected: { state: "failed", text: "So it ", failure: "No answer from localhost: is the endpoint up?" },
  },
  {
    name: "the server died: said plainly, nothing lost, and not sent again by itself",
    play: async (s) => {
      await streaming(s);
      s.backend.become(gone);
      await s.pass(10);
      s.backend.become(READY);
      await s.pass(1000);
      expect(s.backend.asked).toHaveLength(1);
    },
    expected: { state: "failed", text: "So it ", failure: "The server, or the connection to it, ended while it answered. What it had read is kept: ask again.", remedies: [{ label: "Show log", remedy: "show_log" }] },
  },
  {
    name: "asked while the server is on its way: it waits",
    play: async (s) => {
      s.backend.become(gone);
      await s.act({ type: "ask", question: "How?", attachments: [] });
      expect(s.backend.asked).toHaveLength(0);
      s.backend.become(READY);
      await s.pass();
      s.backend.asked[0]?.answer(answer("Now."));
      await s.pass();
    },
    expected: { state: "answered", text: "Now." },
  },
  {
    name: "asked where there is no server: its reason",
    play: async (s) => {
      s.backend.become({ state: "missing", message: "no Python has memls", remedies: [] });
      await s.act({ type: "ask", question: "How?", attachments: [] });
    },
    expected: { state: "failed", failure: "No Python has memls" },
  },
  {
    name: "a second question waits for the first",
    play: async (s) => {
      await streaming(s);
      await s.act({ type: "ask", question: "And?", attachments: [] });
      expect(s.backend.asked).toHaveLength(1);
      s.backend.asked[0]?.answer(answer("One"));
      await s.pass();
      expect(s.backend.asked).toHaveLength(2);
      s.backend.asked[1]?.answer(answer("Two"));
      await s.pass();
    },
    expected: { question: "And?", state: "answered", text: "Two" },
  },
  {
    name: "stop also takes back what waits",
    play: async (s) => {
      await streaming(s);
      await s.act({ type: "ask", question: "And?", attachments: [] });
      await s.act({ type: "stop" });
      await s.pass(100);
      expect(s.backend.asked).toHaveLength(1);
    },
    expected: { question: "And?", state: "stopped" },
  },
];

describe("a question", () => {
  test.each(CASES)("$name", async ({ play, expected }) => {
    const on = await stage();
    await play(on);
    expect(on.panel().turns.at(-1)).toMatchObject(expected);
    on.controller.close();
  });

  test("a hundred tokens are a few updates", async () => {
    const on = await stage();
    await on.act({ type: "ask", question: "How?", attachments: [] });
    on.updates.length = 0;
    for (let n = 0; n < 100; n++) {
      on.backend.event({ type: "token", text: "x" });
      await on.pass(1);
    }
    await on.pass(40);
    const deltas = on.updates.filter((update) => update.type === "delta");
    expect(deltas.length).toBeLessThan(6);
    expect(on.panel().turns[0]?.text).toBe("x".repeat(100));
  });

  test("what goes along: session, root, token, chips and the model", async () => {
    const on = await stage({}, ({ editor }) => { editor.chosen = { ask: "editor", info: null }; });
    await on.act({ type: "attach", attachment: { path: "a.py", symbol: "A" } });
    expect(on.panel().attachments).toEqual([{ path: "a.py", symbol: "A" }]);
    await on.act({ type: "ask", question: "How?", attachments: on.panel().attachments });
    expect(on.backend.asked[0]?.params).toEqual({
      root: ROOT, question: "How?", session: on.panel().session, token: on.panel().turns[0]?.id, model: "editor",
      attachments: [{ path: "a.py", symbol: "A" }],
    });
    expect(on.panel()).toMatchObject({ attachments: [], title: "How?", session: expect.stringMatching(/^chat-/) as string });
  });

  test("chips that do not go along with it stay, for the question that is being written", async () => {
    const on = await stage();
    const [written, explained] = [{ path: "a.py", symbol: "A" }, { path: "b.py", start: 3, end: 9 }];
    await on.act({ type: "attach", attachment: written });
    await on.act({ type: "ask", question: "Explain b.py:3-9", attachments: [explained] });
    expect(on.panel().attachments).toEqual([written]);
  });

  test("it goes on while another conversation is shown", async () => {
    const on = await stage({ "memls/turns": { turns: [turn(1, "Old?")] } });
    await on.act({ type: "ask", question: "How?", attachments: [] });
    const { session } = on.panel();
    await on.act({ type: "open_session", session: "old" });
    expect(on.panel().turns.map((one) => one.question)).toEqual(["Old?"]);
    on.backend.event({ type: "token", text: "meanwhile" });
    await on.pass(40);
    on.backend.script["memls/turns"] = { turns: [turn(1, "How?", { answer: null })] };
    await on.act({ type: "open_session", session });
    expect(on.panel().turns).toMatchObject([{ state: "running", text: "meanwhile", number: 1 }]);
  });
});
