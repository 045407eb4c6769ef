/** The model's window as the user sees and steers it, and what happens to it when code changes. */

import { expect } from "vitest";
import { FILE, READING, START } from "./places";
import { visit } from "./world";

const ROW = `concurrency.py:${START}`;

visit("a page is pinned and evicted, and the meter, the status bar and the marks follow", async ({ world, window, chat }) => {
  await world.endpoint.script(...READING);
  await chat.ask("How does run_in_threadpool run a function?");
  await chat.turn(0).cites.click();
  await window.expectLine(FILE, START);
  await expect.poll(() => window.marks.count()).toBeGreaterThan(0);
  await expect.poll(() => window.item.innerText()).toMatch(/memls \d+%/);

  await chat.openMemory();
  const row = chat.pages.filter({ hasText: ROW }).first();
  await row.waitFor();
  const used = (await chat.meter.getAttribute("aria-label")) ?? "";
  expect(used).toMatch(/\d+ % of 16,384 tokens used/);
  expect(await window.item.innerText()).toContain(`${/\d+/.exec(used)?.[0] ?? ""}%`);
  await row.hover();
  await row.getByRole("button", { name: /^Pin/ }).click();
  await row.getByRole("button", { name: /^Unpin/ }).waitFor();
  expect(await row.innerText()).toContain("pinned");
  await row.getByRole("button", { name: /^Unpin/ }).click();
  await row.getByRole("button", { name: /^Pin/ }).waitFor();

  const marked = await window.marks.count();
  const pages = chat.frame.locator(".legend > *").filter({ hasText: "Code pages" });
  const before = tokens(await pages.innerText());
  await row.getByRole("button", { name: /^Evict/ }).click();
  await expect.poll(() => row.getAttribute("class")).toContain("evicted");
  await expect.poll(async () => tokens(await pages.innerText())).toBeLessThan(before);
  await expect.poll(() => window.marks.count()).toBeLessThan(marked);
});

/** The number in a line of the meter's legend. */
function tokens(line: string): number {
  return Number(/[\d,]+/.exec(line)?.[0].replaceAll(",", ""));
}

visit("a block of the working context is edited, and the model has it", async ({ world, chat }) => {
  await world.endpoint.script(...READING, "Yes, in tabs.");
  await chat.ask("How does run_in_threadpool run a function?");
  await chat.openMemory();
  const block = chat.frame.getByRole("textbox", { name: "project" });
  await block.fill("Indented with tabs, they say.");
  await chat.button("Save").click();
  await chat.button("Save").waitFor({ state: "detached" });
  expect(await block.inputValue()).toBe("Indented with tabs, they say.");
  await chat.ask("Is it indented?");
  expect(world.endpoint.asked.at(-1)?.messages.map((one) => one.content ?? "").join("\n")).toContain("Indented with tabs, they say.");
});

visit("what is selected is paged in from the editor's menu, and marked", async ({ window, chat }) => {
  await window.openFile(FILE, START);
  for (const key of ["Shift+ArrowDown", "Shift+ArrowDown", "Shift+End"]) {
    await window.page.keyboard.press(key);
  }
  await window.chooseInMenu(FILE, "memls", "Page in the Selection");
  await expect.poll(() => window.marks.count()).toBeGreaterThan(0);
  await chat.openMemory();
  await chat.pages.filter({ hasText: ROW }).first().waitFor();
});

visit("a citation turns stale when its lines are edited, saved or not", async ({ world, window, chat }) => {
  await world.endpoint.script(...READING, "Now it is another.");
  const { cites } = await chat.ask("How does run_in_threadpool run a function?");
  expect(await cites.getAttribute("class")).toMatch(/(^| )verified/);
  await cites.click();
  await window.expectLine(FILE, START);

  await window.page.keyboard.press("Control+Home");
  await window.type("# above\n");
  await expect.poll(() => cites.getAttribute("class")).toContain("moved");
  await expect.poll(() => cites.innerText()).toContain(`concurrency.py:${START + 1}`);

  await cites.click();
  await window.expectLine(FILE, START + 1);
  await window.page.keyboard.press("End");
  await window.type("  # changed");
  await expect.poll(() => cites.getAttribute("class")).toContain("stale");
  expect(await window.tab.getAttribute("class")).toContain("dirty");
  expect(world.read(FILE)).not.toContain("# changed");

  await chat.ask("And now?");
  expect(world.endpoint.asked.at(-1)?.messages.map((one) => one.content ?? "").join("\n")).toContain("# changed");
});
