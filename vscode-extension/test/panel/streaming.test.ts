import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import type { Stage } from "./browser";
import { stage } from "./browser";

/** Tokens that stream; `MEMLS_TOKENS` for a longer look. Before them stands an answer of `BEFORE` tokens. */
const TOKENS = Number(process.env["MEMLS_TOKENS"] ?? 500);
const BEFORE = Number(process.env["MEMLS_BEFORE"] ?? 4500);
const PER_SECOND = 50;

let on: Stage;
beforeAll(async () => { on = await stage(); });
afterAll(() => on.close());

const PIECE = `The router asks each of them in turn [django/db/utils.py:198-214], and \`QuerySet.db\` decides the rest.

1. Reading goes through \`db_for_read\` in [django/db/models/query.py:1912-1915].
2. Writing goes through **db_for_write**.

\`\`\`python
def db_for_read(self, model, **hints):
    """Any of the replicas."""
    return random.choice(["replica1", "replica2"])
\`\`\`

| step | function |
| --- | --- |
| read | \`db_for_read\` |

`;

/** About so many tokens of an answer, four characters each. */
function tokens(number: number): string[] {
  const text = PIECE.repeat(Math.ceil((number * 4) / PIECE.length)).slice(0, number * 4);
  return text.match(/[\s\S]{1,4}/g) ?? [];
}

interface Frames {
  frames: number[];
  tasks: number[];
}

declare global {
  var drawn: Frames;
}

async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: Frames = { frames: [], tasks: [] };
    globalThis.drawn = seen;
    new PerformanceObserver((list) => { seen.tasks.push(...list.getEntries().map(({ duration }) => duration)); }).observe({ type: "longtask" });
    let before = performance.now();
    const frame = (now: number): void => {
      seen.frames.push(now - before);
      before = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

interface Trace {
  traceEvents: { name: string; ph: string; dur?: number; tdur?: number }[];
}

/** Tasks of the page by the processor's time that they took, in milliseconds: what others do on the machine is not in it. */
async function traced(page: Page, what: () => Promise<void>): Promise<number[]> {
  await on.browser.startTracing(page, { categories: ["devtools.timeline", "disabled-by-default-devtools.timeline"] });
  await what();
  const { traceEvents } = JSON.parse((await on.browser.stopTracing()).toString()) as Trace;
  const tasks = traceEvents.filter(({ name, ph, tdur }) => name.endsWith("RunTask") && ph === "X" && tdur !== undefined);
  return tasks.map(({ tdur }) => (tdur ?? 0) / 1000).sort((one, other) => other - one);
}

function costs(name: string, tasks: readonly number[]): void {
  const [longest = 0] = tasks;
  const sum = tasks.reduce((all, one) => all + one, 0);
  console.log(`${name}: longest task ${longest.toFixed(1)} ms of the processor, ${tasks.filter((one) => one > 50).length} over 50 ms, together ${sum.toFixed(0)} ms`);
}

async function told(page: Page, name: string): Promise<void> {
  const { frames, tasks } = await page.evaluate(() => globalThis.drawn);
  const sorted = [...frames].sort((one, other) => one - other);
  const at = (part: number): string => (sorted[Math.floor(part * (sorted.length - 1))] ?? 0).toFixed(1);
  const longest = tasks.length ? Math.max(...tasks).toFixed(0) : "none";
  console.log(`${name}: ${frames.length} frames, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms; ${tasks.length} tasks over 50 ms, longest ${longest}`);
}

describe("a long answer", () => {
  it("draws only what is new", async () => {
    const page = await on.show("streaming");
    await page.evaluate((text) => { fake.tell({ type: "delta", session: "s1", turn: "t1", text }); }, `\n\n${tokens(BEFORE).join("")}\n\n`);
    await page.waitForTimeout(1000);
    const before = await page.evaluate(() => {
      const blocks = [...document.querySelectorAll(".answer > *")].slice(0, -2);
      blocks.forEach((block, at) => { (block as HTMLElement & { mark?: number }).mark = at; });
      const count = { added: 0, removed: 0 };
      (globalThis as { count?: typeof count }).count = count;
      new MutationObserver((all) => {
        for (const { addedNodes, removedNodes } of all) {
          count.added += addedNodes.length;
          count.removed += removedNodes.length;
        }
      }).observe(document.querySelector(".answer")!, { childList: true, subtree: true });
      return blocks.length;
    });
    await watch(page);
    const tasks = await traced(page, () => page.evaluate(([all, pause]) => new Promise<void>((resolve) => {
      const rest = [...all];
      const timer = setInterval(() => {
        const text = rest.shift();
        if (text === undefined) {
          clearInterval(timer);
          resolve();
        } else {
          fake.tell({ type: "delta", session: "s1", turn: "t1", text });
        }
      }, pause);
    }), [tokens(TOKENS), 1000 / PER_SECOND] as const));
    await page.waitForTimeout(300);
    await told(page, `streaming ${TOKENS} tokens after ${BEFORE}`);
    costs("streaming", tasks);
    const after = await page.evaluate(() => {
      const blocks = [...document.querySelectorAll(".answer > *")] as (HTMLElement & { mark?: number })[];
      const { count } = globalThis as unknown as { count: { added: number; removed: number } };
      return { kept: blocks.filter((block) => block.mark !== undefined).length, blocks: blocks.length, ...count };
    });
    console.log(`${after.blocks} blocks; while streaming ${after.added} nodes came and ${after.removed} went`);
    expect(after.kept).toBe(before);
    expect(after.blocks).toBeGreaterThan(before);
    // Of what is there only the block that grows is touched: code in colours and halves of citations come and go.
    expect(after.added).toBeLessThan(8 * TOKENS);
    expect(after.removed).toBeLessThan(after.added);
    await page.context().close();
  });
});

describe("a table of 500 pages", () => {
  it("draws as many rows as are in sight, wherever it is scrolled to", async () => {
    const page = await on.show("pages");
    await watch(page);
    await page.locator("[data-opens=window]").click();
    await page.locator(".page").first().waitFor();
    let most = 0;
    const tasks = await traced(page, async () => { most = await page.evaluate(() => new Promise<number>((resolve) => {
      const box = document.querySelector<HTMLElement>(".pages")!;
      let rows = 0;
      const step = (): void => {
        rows = Math.max(rows, document.querySelectorAll(".page").length);
        box.scrollTop += 150;
        if (box.scrollTop + box.clientHeight >= box.scrollHeight) {
          resolve(rows);
        } else {
          requestAnimationFrame(step);
        }
      };
      requestAnimationFrame(step);
    })); });
    costs("scrolling", tasks);
    await told(page, "scrolling through 500 pages");
    expect(most).toBeLessThan(50);
    await page.evaluate(() => {
      const { memory } = fake.state;
      if (memory.context) {
        const pages = memory.context.pages.map((one) => ({ ...one, last_use: one.last_use + 1 }));
        fake.tell({ type: "slice", slice: { memory: { ...memory, context: { ...memory.context, pages } } } });
      }
    });
    await page.waitForTimeout(200);
    await told(page, "and with new numbers");
    expect(await page.locator(".page").count()).toBeLessThan(50);
    await page.context().close();
  });
});
