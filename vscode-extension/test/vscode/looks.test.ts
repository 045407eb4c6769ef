/** How the panel looks, and that everybody can use it: in each theme, and without a mouse. */

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import { expect } from "vitest";
import type { Chat } from "./chat";
import { FILE, READING, START } from "./places";
import { RESULTS, test } from "./world";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const THEMES: [theme: string, kind: string][] = [
  ["Dark Modern", "vscode-dark"],
  ["Light Modern", "vscode-light"],
  ["Dark High Contrast", "vscode-high-contrast"],
  ["Light High Contrast", "vscode-high-contrast-light"],
];

test("axe finds nothing in any theme, wherever one is", async ({ world }) => {
  await world.endpoint.script(...READING);
  const window = await world.open();
  await window.page.setViewportSize({ width: 1200, height: 900 });
  const chat = await window.chat();
  await chat.ask("How does run_in_threadpool run a function?");
  mkdirSync(join(RESULTS, "themes"), { recursive: true });
  for (const [theme, kind] of THEMES) {
    await window.chooseTheme(theme);
    await expect.poll(() => chat.frame.locator("body").getAttribute("class")).toMatch(new RegExp(`(^| )${kind}( |$)`));
    expect.soft(await violations(chat), `${theme}, conversation`).toBe("");
    await window.page.screenshot({ path: join(RESULTS, "themes", `${kind}.png`) });
    await chat.openMemory();
    expect.soft(await violations(chat), `${theme}, window`).toBe("");
    await window.page.screenshot({ path: join(RESULTS, "themes", `${kind}-memory.png`) });
    await chat.openSessions();
    expect.soft(await violations(chat), `${theme}, conversations`).toBe("");
    await chat.frame.getByRole("button", { name: "Close the list" }).click();
  }
});

/** Of the rules for accessible content, and of those for what the frame is left without. */
async function violations(chat: Chat): Promise<string> {
  const body = chat.frame.locator("body");
  await body.evaluate((_, source) => {
    if (!("axe" in globalThis)) {
      (0, eval)(source);
    }
  }, AXE);
  const found = await body.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: (options: unknown) => Promise<AxeResults> } };
    return axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
  });
  return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}: ${node.failureSummary ?? ""}`)).join("\n");
}

test("with the keyboard alone one opens, asks, opens a citation, and pins a page", async ({ world }) => {
  await world.endpoint.script(...READING);
  const window = await world.open();
  await window.indexed();
  const { keyboard } = window.page;
  await keyboard.press("Control+Alt+Shift+M");
  const chat = await window.shownChat();
  await expect.poll(() => focused(chat)).toContain("Question");
  await keyboard.type("How does run_in_threadpool run a function?");
  await keyboard.press("Enter");
  await chat.turn(0).expectEnd("answered");

  await walk(window.page.keyboard, "Shift+Tab", chat, /concurrency\.py:36-38/);
  await chat.card.getByText("async def run_in_threadpool").waitFor();
  await keyboard.press("Enter");
  await window.expectLine(FILE, START);

  await keyboard.press("Control+Alt+Shift+M");
  await expect.poll(() => focused(chat)).toContain("Question");
  await walk(window.page.keyboard, "Shift+Tab", chat, /The model’s window/);
  await keyboard.press("Enter");
  await chat.pages.first().waitFor();
  await walk(window.page.keyboard, "Tab", chat, /^row/);
  await keyboard.press("p");
  await expect.poll(() => chat.pages.first().innerText()).toContain("pinned");
  await keyboard.press("Escape");
  await chat.pages.first().waitFor({ state: "detached" });
});

/** What has the focus in the panel: its role and its words. */
async function focused(chat: Chat): Promise<string> {
  return chat.frame.locator("body").evaluate((body) => {
    const held = body.ownerDocument.activeElement;
    return `${held?.getAttribute("role") ?? ""} ${held?.getAttribute("aria-label") ?? held?.textContent ?? ""}`.trim();
  });
}

async function walk(keyboard: { press(key: string): Promise<void> }, key: string, chat: Chat, to: RegExp): Promise<void> {
  const seen: string[] = [];
  for (let step = 0; step < 40; step += 1) {
    await keyboard.press(key);
    const at = await focused(chat);
    if (to.test(at)) {
      return;
    }
    seen.push(at);
  }
  throw new Error(`${key} does not lead to ${String(to)}, but past ${seen.join(" | ")}`);
}
