/** Conversations and memory: kept, listed, opened again, steered. */

import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { READING, SHOWN } from "./shop";
import { test } from "./world";

test("conversations are listed, and opened again after a reload", async ({ world, open }) => {
  const { chat, page } = await open();
  await world.endpoint.script(...READING, "Another thing, a basket.");
  await chat.ask("How is the total made?");
  await chat.button("New conversation").click();
  await chat.turns.first().waitFor({ state: "detached" });
  await chat.ask("What is a basket?");
  await chat.input.fill("half a quest");

  await page.reload();
  await chat.turn(0).answer.getByText("Another thing, a basket.").waitFor();
  expect(await chat.input.inputValue()).toBe("half a quest");
  await chat.openSessions();
  await chat.sessions.filter({ hasText: "How is the total made?" }).first().getByRole("button").first().click();
  await expect.poll(() => chat.turn(0).cites.first().innerText()).toContain(SHOWN);
  expect(await chat.turn(0).cites.first().getAttribute("class")).toMatch(/(^| )verified/);
});

test("a conversation is renamed, saved as a file, and deleted", async ({ world, open }) => {
  const { chat, page } = await open();
  await world.endpoint.script(...READING);
  await chat.ask("What are prices?");
  await chat.openSessions();
  const first = chat.sessions.filter({ hasText: "What are prices?" });
  await first.hover();
  await first.getByRole("button", { name: /^Rename/ }).click();
  await chat.frame.getByRole("textbox", { name: "Title of the conversation" }).fill("../Prices: all");
  await chat.frame.getByRole("textbox", { name: "Title of the conversation" }).press("Enter");
  const renamed = chat.sessions.filter({ hasText: "Prices: all" });
  await renamed.hover();
  const [download] = await Promise.all([page.waitForEvent("download"), renamed.getByRole("button", { name: /^Export/ }).click()]);
  expect(download.suggestedFilename()).not.toMatch(/[/\\:]/);
  expect(readFileSync(await download.path(), "utf8")).toContain("adds up the prices");
  await renamed.hover();
  await renamed.getByRole("button", { name: /^Delete/ }).click();
  await chat.frame.getByRole("button", { name: "Delete", exact: true }).click();
  await renamed.waitFor({ state: "detached" });
});

test("the window is seen, and a page is pinned and evicted", async ({ world, open }) => {
  const { chat, code } = await open();
  await world.endpoint.script(...READING);
  await chat.ask("How is the total made?");
  await chat.openMemory();
  const row = chat.pages.filter({ hasText: SHOWN }).first();
  await row.hover();
  await row.getByRole("button", { name: /^Pin/ }).click();
  await row.getByRole("button", { name: /^Unpin/ }).click();
  await row.getByRole("button", { name: /^Pin/ }).waitFor();
  await row.hover();
  await row.getByRole("button", { name: /^Open/ }).click();
  await code.getByRole("heading", { name: SHOWN }).waitFor();
  await code.getByRole("button", { name: "Close the code" }).click();
  await row.hover();
  await row.getByRole("button", { name: /^Evict/ }).click();
  await expect.poll(() => row.getAttribute("class")).toContain("evicted");
});

test("what only an editor can do is not offered", async ({ world, open }) => {
  const { chat } = await open();
  await world.endpoint.script({ status: 400, message: "no such thing" });
  await chat.button("Keys").click();
  expect(await chat.frame.locator(".keys-list").innerText()).not.toContain("to the side");
  await chat.button("Keys").click();
  await chat.send("What fails?");
  await chat.turn(0).expectEnd("failed");
  expect(await chat.turn(0).failure.getByRole("button").allInnerTexts()).toEqual(["Try again", "Choose model…"]);
});

test("the model is chosen, and stays chosen after a reload", async ({ world, open }) => {
  const { chat, page } = await open();
  const choice = page.getByRole("dialog", { name: "Which model answers?" });
  await chat.model.getByText("fake").click();
  expect(await choice.getByRole("radio", { name: "The server’s own: fake" }).isChecked()).toBe(true);
  await choice.getByRole("radio", { name: /^No model/ }).check();
  await choice.getByRole("button", { name: "Choose", exact: true }).click();
  await chat.model.getByText("No model").waitFor();
  await chat.ask("How is the total made?");
  expect(await chat.turn(0).answer.innerText()).toContain("No language model was used");

  await page.reload();
  await chat.turn(0).answer.waitFor();
  await chat.model.getByText("No model").click();
  await choice.getByRole("textbox", { name: "Another model of the server’s endpoint" }).fill("other-model");
  await choice.getByRole("textbox").press("Enter");
  await world.endpoint.script("Another one says so.");
  await chat.ask("And who answers now?");
  expect(world.endpoint.asked.at(-1)?.model).toBe("other-model");

  await chat.model.getByText("other-model").click();
  await choice.getByRole("radio", { name: "The server’s own: fake" }).check();
  await choice.press("Escape");
  await chat.model.getByText("other-model").waitFor();
});
