/** Numbers, for people: nothing is asserted of them. `MEMLS_TEST_MEASURE=1 npm run test:vscode measure`. */

import { expect } from "vitest";
import type { Chat } from "./chat";
import { READ } from "./places";
import { test as base } from "./world";

const test = base.runIf(process.env["MEMLS_TEST_MEASURE"]);

/** Some 5,000 tokens of Markdown as models write it. */
const LONG = Array.from({ length: 60 }, (_, at) => [
  `## Part ${at}`,
  "",
  "A paragraph with `code`, **weight**, and a citation [starlette/concurrency.py:36-38] among words that go on for some lines.",
  "",
  "- one thing\n- another thing\n- and a third",
  "",
  "```python",
  `def part_${at}(value: int) -> str:\n    return f"{value}"`,
  "```",
  "",
].join("\n")).join("\n");

test("activation", async ({ world }) => {
  const window = await world.open();
  await window.indexed();
  await window.command("Developer: Show Running Extensions");
  const row = window.page.locator(".runtime-extensions-editor .monaco-list-row").filter({ hasText: "memls" }).filter({ hasText: /Activation/ }).first();
  await row.waitFor();
  console.log(`activation: ${(await row.innerText()).replace(/\s+/g, " ")}`);
});

test("frames while a long answer streams", async ({ world }) => {
  await world.endpoint.script(READ, { text: LONG, pause: 0.01 });
  const window = await world.open();
  await window.indexed();
  const chat = await window.chat();
  await chat.send("Tell me all.");
  await chat.turn(0).answer.getByRole("heading").first().waitFor();
  await watch(chat);
  await expect.poll(() => chat.turn(0).place.getAttribute("class"), { timeout: 120_000 }).toMatch(/answered|incomplete/);
  console.log(`streaming: ${await report(chat)}`);
});

interface Watched { memlsFrames?: number[]; memlsTasks?: number[] }

async function watch(chat: Chat): Promise<void> {
  await chat.frame.locator("body").evaluate(() => {
    const seen = globalThis as unknown as Watched;
    const frames: number[] = [];
    const tasks: number[] = [];
    seen.memlsFrames = frames;
    seen.memlsTasks = tasks;
    new PerformanceObserver((list) => { tasks.push(...list.getEntries().map((one) => one.duration)); }).observe({ type: "longtask" });
    let last = performance.now();
    const frame = (now: number): void => {
      frames.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

async function report(chat: Chat): Promise<string> {
  return chat.frame.locator("body").evaluate(() => {
    const { memlsFrames = [], memlsTasks = [] } = globalThis as unknown as Watched;
    const worst = (all: number[]): number => Math.round(Math.max(0, ...all));
    const slow = memlsFrames.filter((one) => one > 50).length;
    return `${memlsFrames.length} frames, ${slow} over 50 ms (worst ${worst(memlsFrames)} ms); ${memlsTasks.length} tasks over 50 ms (worst ${worst(memlsTasks)} ms)`;
  });
}
