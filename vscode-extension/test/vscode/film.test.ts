/** The README's picture and film, from the real thing: `MEMLS_TEST_FILM=folder npm run test:vscode film`, then
 * `docs/film.py`. The model's words are these; all else is what it is. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { Reply } from "./endpoint";
import { test as base } from "./world";

const folder = process.env["MEMLS_TEST_FILM"] ?? "";
const test = base.runIf(folder);

const QUESTION = "How does a plain def endpoint run without blocking the event loop?";
const WRAPPED = "starlette/routing.py:67-69";
const THREAD = "starlette/concurrency.py:36-38";
const CHECK = "starlette/_utils.py:38-42";
const ANSWER = `\`request_response\` looks at the function once, when the route is made:

- a coroutine function is awaited as it is;
- anything else is wrapped with \`run_in_threadpool\` [${WRAPPED}].

What counts as a coroutine function sees through \`functools.partial\` and callable objects [${CHECK}]. The wrapper binds the arguments and hands the call to one of **anyio's worker threads**, so the event loop goes on [${THREAD}]:

\`\`\`python
func = functools.partial(func, *args, **kwargs)
return await anyio.to_thread.run_sync(func)
\`\`\`
`;
const SCRIPT: Reply[] = [
  { text: "Routes first. ", calls: [["page_in", { targets: ["starlette/routing.py:62-84"] }]], pause: 0.25 },
  { text: "Now the two that it calls. ", calls: [["page_in", { targets: [THREAD, CHECK] }], ["find", { query: "wrap_app_handling_exceptions", kind: "symbol" }]], pause: 0.25 },
  { text: ANSWER, pause: 0.06 },
];

test("a question, its citations, and the model's window", async ({ world }) => {
  await world.endpoint.script(...SCRIPT);
  const window = await world.open({ "editor.fontSize": 13, "breadcrumbs.enabled": false, "window.commandCenter": false, "memls.model": "scripted" });
  const { page } = window;
  await window.indexed();
  await window.openFile("starlette/routing.py", 60);
  const chat = await window.chat();
  await widen(page, 560);
  await page.mouse.move(700, 8);
  const film = await Film.start(page);
  await page.waitForTimeout(600);
  await chat.input.pressSequentially(QUESTION, { delay: 28 });
  await page.waitForTimeout(400);
  await chat.input.press("Enter");
  const turn = chat.turn(0);
  await turn.expectEnd("answered");
  await page.waitForTimeout(1500);
  await film.shot("answered");

  await turn.cites.last().hover();
  await page.waitForTimeout(1600);
  await turn.cites.last().click();
  await window.expectLine("starlette/concurrency.py", 36);
  await page.waitForTimeout(1500);
  await chat.openMemory();
  await page.waitForTimeout(900);
  const row = chat.pages.filter({ hasText: "concurrency.py" }).first();
  await row.hover();
  await page.waitForTimeout(500);
  await row.getByRole("button", { name: /^Pin/ }).click();
  await page.waitForTimeout(1000);
  await film.shot("window");
  const other = chat.pages.filter({ hasText: "routing.py" }).first();
  await other.hover();
  await page.waitForTimeout(500);
  await other.getByRole("button", { name: /^Evict/ }).click();
  await page.waitForTimeout(1800);
  await film.end();
});

/** The side bar, by its edge. */
async function widen(page: Page, width: number): Promise<void> {
  const box = await page.locator(".part.sidebar").boundingBox();
  if (!box) {
    throw new Error("there is no side bar");
  }
  await page.mouse.move(box.x + box.width, 400);
  await page.mouse.down();
  await page.mouse.move(box.x + width, 400, { steps: 5 });
  await page.mouse.up();
}

/** Every frame that differs, with its time. */
class Film {
  private readonly times: [file: string, second: number][] = [];
  private constructor(private readonly page: Page) {}

  static async start(page: Page): Promise<Film> {
    mkdirSync(folder, { recursive: true });
    const film = new Film(page);
    const session = await page.context().newCDPSession(page);
    session.on("Page.screencastFrame", ({ data, metadata, sessionId }) => {
      const file = `${String(film.times.length).padStart(5, "0")}.png`;
      writeFileSync(join(folder, file), Buffer.from(data, "base64"));
      film.times.push([file, metadata.timestamp ?? Date.now() / 1000]);
      void session.send("Page.screencastFrameAck", { sessionId });
    });
    await session.send("Page.startScreencast", { format: "png", everyNthFrame: 1 });
    return film;
  }

  async shot(name: string): Promise<void> {
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  async end(): Promise<void> {
    await this.page.waitForTimeout(300);
    writeFileSync(join(folder, "times.json"), JSON.stringify(this.times));
  }
}
