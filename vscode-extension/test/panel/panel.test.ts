import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Action, Update } from "../../src/chat/contract";
import type { Citation } from "../../src/protocol";
import type { Options, Stage } from "./browser";
import { stage } from "./browser";

let on: Stage;
let page: Page;
beforeAll(async () => { on = await stage(); });
afterAll(() => on.close());
afterEach(() => page.context().close());

const QUESTION = ".composer textarea";

async function show(state: string, options: Options = {}): Promise<void> {
  page = await on.show(state, options);
}

function sent(type: Action["type"]): Promise<Action[]> {
  return page.evaluate((wanted) => fake.sent.filter((one) => one.type === wanted) as Action[], type);
}

async function tell(update: Update): Promise<void> {
  await page.evaluate((one) => { fake.tell(one); }, update);
}

function focused(): Promise<string> {
  return page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.tagName ?? "");
}

/** Pixels to the end of what can be scrolled. */
function toEnd(): Promise<number> {
  return page.locator(".scroll").evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
}

describe("asking", () => {
  it("Enter sends, Shift+Enter does not", async () => {
    await show("empty");
    await page.locator(QUESTION).fill("one");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("two");
    await page.keyboard.press("Enter");
    await expect.poll(() => sent("ask")).toEqual([{ type: "ask", question: "one\ntwo", attachments: [] }]);
    await expect.poll(() => page.locator(QUESTION).inputValue()).toBe("");
  });

  it("a suggestion is a question", async () => {
    await show("empty");
    await page.locator(".suggestions button").first().click();
    await expect.poll(() => sent("ask")).toEqual([{ type: "ask", question: "How does a request reach a view?", attachments: [] }]);
  });

  it("waits for the answer before, and for a server", async () => {
    for (const state of ["streaming", "missing"]) {
      await page.context().close();
      await show(state);
      await page.locator(QUESTION).fill("more");
      await page.keyboard.press("Enter");
      await expect.poll(() => sent("ask")).toEqual([]);
      await expect.poll(() => page.locator(QUESTION).inputValue()).toBe("more");
    }
  });

  it("before all is read the question is sent, and its answer said to come later", async () => {
    await show("indexing");
    await page.getByText("the answer comes once all of it is read").waitFor();
    await page.locator(QUESTION).fill("How?");
    await page.keyboard.press("Enter");
    await expect.poll(() => sent("ask")).toHaveLength(1);
  });

  it("the input grows with the question", async () => {
    await show("empty");
    const height = (): Promise<number> => page.locator(QUESTION).evaluate((box) => box.clientHeight);
    const before = await height();
    await page.locator(QUESTION).fill("line\n".repeat(8));
    await expect.poll(height).toBeGreaterThan(before + 60);
  });

  it("Up in an empty input edits the last question, which is asked again", async () => {
    await show("answered");
    await page.locator(QUESTION).press("ArrowUp");
    await expect.poll(focused).toMatch(/^Edit the question/);
    await page.keyboard.type(" Really?");
    await page.keyboard.press("Enter");
    await expect.poll(() => sent("again")).toEqual([{ type: "again", turn: "t1", question: "Which database does a query go to, and who decides? Really?" }]);
    await expect.poll(focused).toBe("Question");
  });

  it("Escape leaves a question as it was", async () => {
    await show("answered");
    await page.locator(QUESTION).press("ArrowUp");
    await expect.poll(focused).toMatch(/^Edit the question/);
    await page.keyboard.type("x");
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator(".editing").count()).toBe(0);
    await expect.poll(() => sent("again")).toEqual([]);
  });

  const buttons: [string, string, string, Action][] = [
    ["answered", "Ask again", "again", { type: "again", turn: "t1" }],
    ["streaming", "Stop", "stop", { type: "stop" }],
    ["endpoint", "Try again", "again", { type: "again", turn: "t1" }],
    ["endpoint", "Choose model…", "choose_model", { type: "choose_model" }],
    ["missing", "Install with uv", "remedy", { type: "remedy", remedy: "install_uv" }],
    ["restarting", "Show log", "remedy", { type: "remedy", remedy: "show_log" }],
    ["empty", "New conversation", "new", { type: "new" }],
    ["empty", "Choose the model, now: qwen3-coder-30b", "choose_model", { type: "choose_model" }],
  ];
  it.each(buttons)("%s: %s", async (state, label, type, action) => {
    await show(state);
    await page.getByRole("button", { name: label, exact: true }).first().click();
    await expect.poll(() => sent(type as Action["type"])).toEqual([action]);
  });

  it("an answer is copied as it was written", async () => {
    await show("answered");
    await page.getByLabel("Copy answer").click();
    await page.getByLabel("Copy code").click();
    const copied = (await sent("copy")).map((one) => (one.type === "copy" ? one.text : ""));
    expect(copied[0]).toContain("**DATABASE_ROUTERS**");
    expect(copied[1]).toMatch(/^class PrimaryReplicaRouter:/);
  });

  it("links are opened by the editor", async () => {
    await show("answered");
    await page.locator(".answer .link").click();
    await expect.poll(() => sent("open_link")).toEqual([{ type: "open_link", href: "https://docs.djangoproject.com/en/5.2/topics/db/multi-db/" }]);
  });
});

describe("Escape", () => {
  it("closes what is open, one after the other, and only then stops", async () => {
    await show("streaming");
    await page.locator("[data-opens=window]").click();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator(".memory").count()).toBe(0);
    await expect.poll(focused).toMatch(/^The model’s window/);
    await expect.poll(() => sent("stop")).toEqual([]);
    await page.keyboard.press("Escape");
    await expect.poll(() => sent("stop")).toEqual([{ type: "stop" }]);
  });

  it("closes the choices and leaves the text", async () => {
    await show("streaming");
    await page.locator(QUESTION).fill("see @rou");
    await page.locator(".choice").first().waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator(".choices").count()).toBe(0);
    await expect.poll(() => page.locator(QUESTION).inputValue()).toBe("see @rou");
    await expect.poll(() => sent("stop")).toEqual([]);
  });
});

describe("code that goes along", () => {
  it("@ completes by keys", async () => {
    await show("empty");
    await page.locator(QUESTION).fill("what of @db_for");
    await page.locator(".choice").first().waitFor();
    const chosen = await page.locator(QUESTION).getAttribute("aria-activedescendant");
    await expect.poll(() => page.locator(`#${chosen ?? ""}`).innerText()).toContain("ConnectionRouter.db_for_read");
    await page.keyboard.press("Tab");
    await expect.poll(() => page.locator(QUESTION).inputValue()).toBe("what of ConnectionRouter.db_for_read ");
    await expect.poll(() => sent("attach")).toEqual([
      { type: "attach", attachment: { path: "django/db/utils.py", symbol: "ConnectionRouter.db_for_read", start: 226, end: 226 } },
    ]);
    await page.keyboard.type("then?");
    await page.keyboard.press("Enter");
    const [ask] = await sent("ask");
    expect(ask).toMatchObject({ question: "what of ConnectionRouter.db_for_read then?", attachments: [{ symbol: "ConnectionRouter.db_for_read" }] });
  });

  it("arrows go round", async () => {
    await show("empty");
    await page.locator(QUESTION).fill("@r");
    await page.locator(".choice").nth(2).waitFor();
    await page.keyboard.press("ArrowUp");
    const number = await page.locator(".choice").count();
    await expect.poll(() => page.locator(QUESTION).getAttribute("aria-activedescendant")).toBe(`choice-${number - 1}`);
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => page.locator(QUESTION).getAttribute("aria-activedescendant")).toBe("choice-0");
  });

  it("the selection is offered as a choice and as a chip", async () => {
    await show("empty");
    const selection = { type: "attach", attachment: { path: "django/db/utils.py", start: 198, end: 214 } };
    await page.locator(QUESTION).fill("@sel");
    await page.locator(".choice", { hasText: "Selection" }).click();
    await expect.poll(() => page.locator(QUESTION).inputValue()).toBe("");
    await expect.poll(() => sent("attach")).toEqual([selection]);
    await expect.poll(() => page.locator(".chip.offered").count()).toBe(0);
    await page.getByLabel("Leave out django/db/utils.py:198-214").click();
    await page.locator(".chip.offered").click();
    await expect.poll(() => sent("attach")).toEqual([selection, selection]);
  });

  it("Backspace in an empty input takes back the last", async () => {
    await show("answered");
    await page.locator(QUESTION).press("Backspace");
    await expect.poll(() => sent("detach")).toHaveLength(1);
    await expect.poll(() => page.locator(".composer .chip:not(.offered)").count()).toBe(1);
  });
});

describe("citations", () => {
  it("say how they are, and open", async () => {
    await show("answered");
    const all = page.locator(".answer .cite");
    await expect.poll(() => all.allInnerTexts()).toEqual([
      "utils.py:198-214, verified", "query.py:1912-1915, verified", "base.py:842-860, moved", "manager.py:77-79, stale", "backends/__init__.py:12, not verified",
    ].map((text) => text.replace(", ", "\n, ")));
    await all.nth(2).click();
    await all.nth(0).click({ modifiers: ["Control"] });
    await expect.poll(() => sent("open")).toEqual([
      { type: "open", path: "django/db/models/base.py", start: 842, end: 860 },
      { type: "open", path: "django/db/utils.py", start: 198, end: 214, aside: true },
    ]);
  });

  it("that do not hold are listed first", async () => {
    await show("answered");
    const state = await page.evaluate(() => fake.state);
    const [answered] = state.turns;
    const one = (start: number, status: "verified" | "unverified"): Citation =>
      ({ path: "a.py", start, end: start, hash: "", status, cited_start: start, cited_end: start, reason: "" });
    const citations = [...Array.from({ length: 9 }, (_, at) => one(at + 1, "verified")), one(99, "unverified")];
    await tell({ type: "turn", session: state.session, turn: { ...answered!, citations } });
    await expect.poll(() => page.locator(".source-name").allInnerTexts()).toEqual(["a.py:99", "a.py:1", "a.py:2", "a.py:3", "a.py:4", "a.py:5"]);
  });

  it("change while they are read, and keep the focus", async () => {
    await show("answered");
    const first = page.locator(".answer .cite").first();
    await first.focus();
    await page.evaluate(() => {
      const [turn] = fake.state.turns;
      if (turn) {
        const citations = turn.citations.map((one) => ({ ...one, status: "stale" as const, reason: "the code changed after it was read" }));
        fake.tell({ type: "turn", session: "s1", turn: { ...turn, citations } });
      }
    });
    await page.locator(".answer .cite.stale").nth(4).waitFor();
    await expect.poll(() => first.evaluate((button) => button === document.activeElement)).toBe(true);
    await expect.poll(() => page.locator(".source.stale").count()).toBe(5);
  });

  it("show their code to the pointer and to keys", async () => {
    await show("answered");
    await page.locator(".answer .cite").nth(3).hover();
    await page.locator(".card-code").waitFor();
    await expect.poll(() => page.locator(".card").innerText()).toMatch(/manager\.py[\s\S]*Stale: the code has changed[\s\S]*def _router_func/);
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator(".card").count()).toBe(0);
    await page.locator(".answer .link").focus();
    await page.keyboard.press("Tab");
    await page.locator(".card-code").waitFor();
    await expect.poll(() => page.locator(".answer .cite").nth(4).getAttribute("aria-describedby")).toBe("card");
  });
});

describe("a narrow panel", () => {
  it("has its buttons beside each other, and citations with their lines", async () => {
    await show("answered", { width: 180 });
    const box = (selector: string): Promise<{ left: number; right: number }> =>
      page.locator(selector).first().evaluate((one) => ({ left: one.getBoundingClientRect().left, right: one.getBoundingClientRect().right }));
    const clip = page.locator(".head-title");
    expect(await clip.evaluate((one) => getComputedStyle(one).overflow)).toBe("hidden");
    expect((await box(".head-title")).right).toBeLessThanOrEqual((await box('[aria-label="New conversation"]')).left);
    const cut = await page.locator(".answer .cite bdi").evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflow === "hidden").length);
    expect(cut).toBe(0);
    await page.locator("[data-opens=sessions]").click();
    await page.mouse.move(5, 5);
    expect((await box(".session-open")).right).toBeGreaterThan(150);
  });

  it("has the arrow of a line that opens beside its words, and room around quotes", async () => {
    await show("answered", { width: 280 });
    const state = await page.evaluate(() => fake.state);
    await tell({ type: "turn", session: state.session, turn: { ...state.turns[0]!, text: "words\n\n> quoted\n\nwords" } });
    const top = (selector: string): Promise<number> => page.locator(selector).first().evaluate((one) => one.getBoundingClientRect().top);
    await page.locator("blockquote").waitFor();
    expect(await page.locator("blockquote").evaluate((quote) => getComputedStyle(quote).marginTop)).toBe("8px");
    const words = page.locator(".steps .fold-head span").first();
    expect(await words.evaluate((one) => one.getBoundingClientRect().height)).toBeGreaterThan(30);
    expect(await top(".steps .fold-head .icon")).toBeGreaterThan(await top(".steps .fold-head span") - 1);
  });
});

describe("the place of reading", () => {
  const more = async (number: number): Promise<void> => {
    for (let at = 0; at < number; at++) {
      await tell({ type: "delta", session: "s1", turn: "t1", text: `\n\nparagraph ${at} with some words in it` });
    }
    await page.waitForTimeout(80);
  };

  it("follows at the end", async () => {
    await show("streaming", { height: 500 });
    await more(40);
    await expect.poll(toEnd).toBeLessThan(2);
    await expect.poll(() => page.locator(".to-end").count()).toBe(0);
  });

  it("an answer that comes at once is read from its beginning, one that streams at its end", async () => {
    await show("answered", { height: 500 });
    const state = await page.evaluate(() => fake.state);
    const [before] = state.turns;
    const asked = { ...before!, id: "t9", number: 0, question: "And now?", state: "waiting" as const, text: "", steps: [], citations: [], result: null };
    await tell({ type: "turn", session: state.session, turn: asked });
    await expect.poll(toEnd).toBeLessThan(2);
    await tell({ type: "turn", session: state.session, turn: { ...asked, state: "running", text: "first words\n\n" } });
    await page.getByText("first words").waitFor();
    await tell({ type: "delta", session: state.session, turn: "t9", text: "words\n\n".repeat(80) });
    await page.locator(".to-end").waitFor();
    const question = page.locator(".turn").last().locator(".question");
    expect(await question.evaluate((box) => box.getBoundingClientRect().top - (box.closest(".scroll")?.getBoundingClientRect().top ?? 0))).toBeLessThan(40);
    await tell({ type: "delta", session: state.session, turn: "t9", text: "more" });
    await page.locator(".turn").last().getByText("more").waitFor({ state: "attached" });
    expect(await toEnd()).toBeGreaterThan(500);
  });

  it("stays where somebody reads, until he jumps", async () => {
    await show("streaming", { height: 500 });
    await more(40);
    await page.locator(".scroll").hover();
    await page.mouse.wheel(0, -300);
    await page.locator(".to-end").waitFor();
    const top = await page.locator(".scroll").evaluate((box) => box.scrollTop);
    await more(40);
    await expect.poll(() => page.locator(".scroll").evaluate((box) => box.scrollTop)).toBe(top);
    await page.locator(".to-end").click();
    await expect.poll(toEnd).toBeLessThan(2);
    await more(5);
    await expect.poll(toEnd).toBeLessThan(2);
  });

  it("stays at the end when the panel becomes narrower", async () => {
    await show("answered", { width: 900 });
    await page.locator("[data-opens=window]").click();
    await page.waitForTimeout(150);
    await expect.poll(toEnd).toBeLessThan(2);
  });

  it("draft, scroll, folds and place are there again", async () => {
    await show("long");
    await page.locator(QUESTION).fill("half a thought");
    await page.locator(".scroll").evaluate((box) => { box.scrollTop = 300; });
    await page.locator(".steps .fold-head").first().click();
    await page.locator(".to-end").waitFor();
    await page.waitForTimeout(300);
    const top = await page.locator(".scroll").evaluate((box) => box.scrollTop);
    await page.reload();
    await page.locator(".composer").waitFor();
    await expect.poll(() => page.locator(QUESTION).inputValue()).toBe("half a thought");
    await expect.poll(() => page.locator(".scroll").evaluate((box) => box.scrollTop)).toBe(top);
    await expect.poll(() => page.locator(".steps .fold-head").first().getAttribute("aria-expanded")).toBe("true");
    await page.locator("[data-opens=window]").click();
    await page.waitForTimeout(300);
    await page.reload();
    await page.locator(".memory").waitFor();
  });
});

describe("what screen readers hear by themselves", () => {
  it("is the answer once it is there, and not its words as they come", async () => {
    await show("streaming");
    const spoken = (): Promise<string> => page.locator("[role=status]").innerText();
    await tell({ type: "delta", session: "s1", turn: "t1", text: "more of it" });
    await page.waitForTimeout(60);
    await expect.poll(spoken).toBe("");
    await page.evaluate(() => {
      const [turn] = fake.state.turns;
      if (turn) {
        fake.tell({ type: "turn", session: "s1", turn: { ...turn, state: "answered", text: "It is **so** [a.py:1]." } });
      }
    });
    await expect.poll(spoken).toBe("Answer: It is so a.py:1.. Citations: 2 verified");
  });
});

describe("conversations", () => {
  const list = async (): Promise<void> => {
    await show("answered");
    await page.locator("[data-opens=sessions]").click();
    await page.locator(".session").first().waitFor();
  };

  it("are searched and opened", async () => {
    await list();
    await expect.poll(focused).toBe("Search conversations");
    await page.keyboard.type("csrf");
    await expect.poll(() => page.locator(".session").count()).toBe(1);
    await page.locator(".session-open").click();
    await expect.poll(() => sent("open_session")).toEqual([{ type: "open_session", session: "s3" }]);
    await expect.poll(() => page.locator(".sessions").count()).toBe(0);
  });

  it("give way to the answer of what is asked beside them", async () => {
    await list();
    await page.getByLabel("Question", { exact: true }).fill("And now?");
    await page.keyboard.press("Enter");
    await expect.poll(() => sent("ask")).toMatchObject([{ question: "And now?" }]);
    await expect.poll(() => page.locator(".sessions").count()).toBe(0);
  });

  it("get another title", async () => {
    await list();
    await page.locator(".session").nth(2).hover();
    await page.getByLabel("Rename Where is CSRF checked").click();
    await page.keyboard.type("CSRF");
    await page.keyboard.press("Enter");
    await expect.poll(() => sent("rename")).toEqual([{ type: "rename", session: "s3", title: "CSRF" }]);
  });

  it("keep theirs after Escape", async () => {
    await list();
    await page.locator(".session").nth(2).hover();
    await page.getByLabel("Rename Where is CSRF checked").click();
    await page.keyboard.type("CSRF");
    await page.keyboard.press("Escape");
    await expect.poll(() => sent("rename")).toEqual([]);
    await expect.poll(() => page.locator(".sessions").count()).toBe(1);
  });

  it("are deleted only after a second thought", async () => {
    await list();
    await page.locator(".session").nth(2).hover();
    await page.getByLabel("Delete Where is CSRF checked").click();
    await expect.poll(() => sent("forget")).toEqual([]);
    await page.keyboard.press("Enter"); // on Keep
    await expect.poll(() => sent("forget")).toEqual([]);
    await page.locator(".session").nth(2).hover();
    await page.getByLabel("Delete Where is CSRF checked").click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await expect.poll(() => sent("forget")).toEqual([{ type: "forget", session: "s3" }]);
  });

  it("are exported", async () => {
    await list();
    await page.locator(".session").nth(1).hover();
    await page.getByLabel(/^Export How are/).click();
    await expect.poll(() => sent("export")).toEqual([{ type: "export", session: "s2" }]);
  });
});

describe("the window", () => {
  const open = async (state: string, options: Options = {}): Promise<void> => {
    await show(state, options);
    await page.locator("[data-opens=window]").click();
    await page.locator(".page").first().waitFor();
  };

  it("is looked at anew when it is opened", async () => {
    await open("answered");
    await expect.poll(() => sent("refresh_memory")).toHaveLength(1);
    await expect.poll(() => page.locator(".legend").innerText()).toMatch(/Code pages\s+5,066/);
  });

  it("pages are pinned, unpinned, evicted and opened by keys", async () => {
    await open("answered");
    await page.locator(".page").first().focus();
    for (const key of ["p", "ArrowDown", "p", "Delete", "End", "Home", "Enter"]) {
      await page.keyboard.press(key);
    }
    await expect.poll(() => page.evaluate(() => fake.sent.slice(-4))).toEqual([
      { type: "unpin", page: "p1" },
      { type: "pin", page: "p8" },
      { type: "evict", page: "p8" },
      { type: "open", path: "django/db/utils.py", start: 53, end: 74 },
    ]);
  });

  it("and by their buttons", async () => {
    await open("answered");
    await page.locator(".page").nth(1).hover();
    await page.locator(".page").nth(1).getByLabel(/^Evict/).click();
    await expect.poll(() => sent("evict")).toEqual([{ type: "evict", page: "p8" }]);
  });

  it("of many pages only those in sight are drawn, and keys reach the rest", async () => {
    await open("pages");
    const drawn = (): Promise<number> => page.locator(".page").count();
    await expect.poll(drawn).toBeLessThan(50);
    await expect.poll(() => page.locator(".pages").getAttribute("aria-rowcount")).toBe("500");
    await page.locator(".page").first().focus();
    await page.keyboard.press("End");
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-rowindex"))).toBe("500");
    await page.keyboard.press("ArrowUp");
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-rowindex"))).toBe("499");
    await expect.poll(drawn).toBeLessThan(50);
  });

  it("blocks are edited within their limits", async () => {
    await open("answered");
    const task = page.getByLabel("task");
    await task.fill("x".repeat(3000));
    await expect.poll(() => page.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
    await expect.poll(() => page.locator(".block").first().innerText()).toContain("1,000 of 700 tokens: too long");
    await task.fill("short");
    await task.press("Control+Enter");
    await expect.poll(() => sent("block")).toEqual([{ type: "block", name: "task", text: "short" }]);
  });

  it("stands beside the conversation where there is room", async () => {
    await open("answered", { width: 900 });
    await expect.poll(() => page.locator(".conversation").getAttribute("data-hidden")).toBe("false");
    await page.setViewportSize({ width: 400, height: 800 });
    await expect.poll(() => page.locator(".conversation").getAttribute("data-hidden")).toBe("true");
  });
});

describe("wishes of the editor", () => {
  it("a draft is put into the input, with the cursor behind it", async () => {
    await show("answered");
    await page.locator("[data-opens=sessions]").click();
    await tell({ type: "draft", text: "Explain this" });
    await expect.poll(focused).toBe("Question");
    await expect.poll(() => page.locator(QUESTION).inputValue()).toBe("Explain this");
    await expect.poll(() => page.locator(".sessions").count()).toBe(0);
  });
});
