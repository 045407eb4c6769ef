/** Asking in the page: what streams in, what it cites, where that leads, and what follows. */

import { expect } from "vitest";
import { ANSWER, CODE, END, FILE, PLACE, READ, READING, SHOWN, SLOWLY, START } from "./shop";
import { test } from "./world";

test("an answer streams in, and its citation shows and opens the code", async ({ world, open }) => {
  const { chat, code, page } = await open();
  await world.endpoint.script(READ, { text: ANSWER, pause: 0.2 });
  await chat.send("How is the total made?");
  const turn = chat.turn(0);
  await turn.answer.waitFor();
  expect((await turn.answer.innerText()).length).toBeLessThan(ANSWER.length);
  await turn.expectEnd("answered");
  expect((await turn.cites.innerText()).trim()).toContain(SHOWN);
  expect(await turn.cites.getAttribute("class")).toMatch(/(^| )verified/);

  await turn.cites.hover();
  await chat.card.getByText(CODE).waitFor();
  await turn.cites.click();
  await code.getByText(CODE).waitFor();
  expect(await code.getByRole("heading").innerText()).toBe(SHOWN);
  expect(await code.innerText()).toContain("shop/");
  const region = code.getByRole("region", { name: `Lines 101 to ${END}, of which ${START}-${END} are cited` });
  await region.waitFor();
  expect(await code.getByRole("heading").evaluate((one) => one === document.activeElement)).toBe(true);

  const marked = await code.locator(".code-mark").boundingBox();
  const box = await region.boundingBox();
  expect(marked!.y).toBeGreaterThanOrEqual(box!.y);
  expect(marked!.y + marked!.height).toBeLessThanOrEqual(box!.y + box!.height + 1);

  const mark = async (): Promise<number> => (await code.locator(".code-mark").boundingBox())!.y;
  const earlier = code.getByRole("button", { name: "Show earlier lines" });
  await earlier.scrollIntoViewIfNeeded();
  const before = await mark();
  await earlier.click();
  await code.getByRole("region", { name: `Lines 1 to ${END}, of which ${START}-${END} are cited` }).waitFor();
  expect(await code.getByRole("button", { name: /^Show/ }).count()).toBe(0);
  expect(Math.abs((await mark()) - before)).toBeLessThan(1); // what is read stays where it was
  await code.getByRole("button", { name: "Copy path and lines" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(PLACE);

  await page.keyboard.press("Escape");
  await code.waitFor({ state: "detached" });
  expect(await turn.cites.evaluate((one) => one === document.activeElement)).toBe(true);
});

test("where there is little room the code lies over the panel, which cannot be reached meanwhile", async ({ world, open }) => {
  const { chat, code, page } = await open({ viewport: { width: 360, height: 700 } });
  await world.endpoint.script(...READING);
  await (await chat.ask("How is the total made?")).cites.click();
  await code.getByText(CODE).waitFor();
  expect((await code.boundingBox())!.width).toBe(360);
  expect(await page.locator("#root").evaluate((one) => one.hasAttribute("inert"))).toBe(true);
  await code.getByRole("button", { name: "Close the code" }).click();
  await code.waitFor({ state: "detached" });
  expect(await chat.turn(0).cites.evaluate((one) => one === document.activeElement)).toBe(true);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
});

test("Escape closes the code first, and stops the answer next", async ({ world, open }) => {
  const { chat, code, page } = await open();
  await world.endpoint.script(...READING, SLOWLY);
  const { cites } = await chat.ask("How is the total made?");
  await chat.send("And what is a word?");
  await chat.turn(1).answer.getByText("word word").first().waitFor();
  await cites.click();
  await code.getByText(CODE).waitFor();
  await chat.input.press("Escape");
  await code.waitFor({ state: "detached" });
  expect(await chat.turn(1).place.getAttribute("class")).toContain("running");
  await page.keyboard.press("Escape");
  await chat.turn(1).expectEnd("stopped");
});

test("a follow-up goes on in the same conversation", async ({ world, open }) => {
  const { chat } = await open();
  await world.endpoint.script(...READING, `It is also said there [${PLACE}].`);
  await chat.ask("How is the total made?");
  await chat.ask("And where is that said?");
  const words = world.endpoint.asked.at(-1)?.messages.map((one) => one.content ?? "").join("\n");
  expect(words).toContain("adds up the prices");
  expect(words).toContain("And where is that said?");
  expect(await chat.turns.count()).toBe(2);
});

test("stopping a question ends the model's request", async ({ world, open }) => {
  const { chat } = await open();
  await world.endpoint.script(SLOWLY, "Shorter this time.");
  await chat.send("What is a word?");
  await chat.turn(0).answer.getByText("word word").first().waitFor();
  await chat.stop.click();
  await chat.turn(0).expectEnd("stopped");
  await expect.poll(() => world.endpoint.left).toBe(1);
  await chat.ask("Once more?");
  expect(await chat.turn(1).answer.innerText()).toBe("Shorter this time.");
});

test("@ completes a file to a chip, and the file goes along", async ({ world, open }) => {
  const { chat } = await open();
  await world.endpoint.script("It has a price [shop/basket.py:5-6].");
  await chat.input.pressSequentially("What does @bask");
  await chat.frame.getByRole("option").filter({ hasText: "basket.py" }).first().waitFor();
  await chat.input.press("Enter");
  await chat.chips.filter({ hasText: "basket.py" }).or(chat.chips.filter({ hasText: "Basket" })).first().waitFor();
  await chat.input.pressSequentially("do?");
  await chat.input.press("Enter");
  await chat.turn(0).expectEnd("answered");
  expect(world.endpoint.asked[0]?.messages.map((one) => one.content ?? "").join("\n")).toContain("class Basket");
});

test("code that is open is read again when its file changes, and its citation says so", async ({ world, open }) => {
  const { readFileSync, writeFileSync } = await import("node:fs");
  const file = world.path("shop", FILE);
  const before = readFileSync(file, "utf8");
  const { chat, code } = await open();
  await world.endpoint.script(...READING);
  const { cites } = await chat.ask("How is the total made?");
  await cites.click();
  await code.getByText(CODE).waitFor();
  writeFileSync(file, before.replace("return sum(", "return 2 * sum("));
  try {
    await code.getByText("return 2 * sum(").waitFor();
    await expect.poll(() => cites.getAttribute("class")).toContain("stale");
  } finally {
    writeFileSync(file, before);
  }
  await code.getByText(`    ${CODE}`).waitFor();
});
