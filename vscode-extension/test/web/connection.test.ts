/** The line to the server: lost, found again, another repository's, and not for everybody. */

import { expect } from "vitest";
import { READING, SLOWLY } from "./shop";
import { test } from "./world";

test("the connection falls in mid-answer, comes back, and the conversation goes on", async ({ world, open }) => {
  const { chat } = await open();
  await world.endpoint.script(...READING, SLOWLY, "Back again.");
  await chat.ask("How is the total made?");
  await chat.send("What is a word?");
  await chat.turn(1).answer.getByText("word word").first().waitFor();
  world.site.gone = true;
  world.site.cut();
  await chat.notice.getByText(/The connection to memls is lost; trying again in \d+ s/).waitFor();
  await chat.turn(1).expectEnd("failed");
  expect(await chat.turn(1).failure.innerText()).toContain("ended while it answered");
  await expect.poll(() => world.endpoint.left).toBe(1);

  await chat.send("And now?");
  world.site.gone = false;
  await chat.button("Connect now").click();
  await chat.notice.waitFor({ state: "detached" });
  await chat.turn(2).expectEnd("answered");
  expect(await chat.turn(2).answer.innerText()).toBe("Back again.");
  expect(await chat.turns.count()).toBe(3);
  const words = world.endpoint.asked.at(-1)?.messages.map((one) => one.content ?? "").join("\n");
  expect(words).toContain("adds up the prices");
});

test("it comes back by itself", async ({ world, open }) => {
  const { chat } = await open();
  world.site.cut();
  await chat.notice.getByText("The connection to memls is lost").waitFor();
  await chat.notice.waitFor({ state: "detached" });
  await world.endpoint.script(...READING);
  await chat.ask("How is the total made?");
});

test("a server that is not there yet is waited for", async ({ world }) => {
  world.site.list = "broken";
  const visit = await world.visit();
  await visit.chat.notice.getByText(/memls does not answer; trying again in \d+ s/).waitFor();
  expect(world.site.connected).toBe(0);
  world.site.list = "there";
  await visit.ready();
  await world.leave();
});

test("a server that went without a word is missed when the reader comes back", async ({ world, open }) => {
  const { chat, page } = await open();
  await page.clock.install();
  world.site.mute();
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await page.clock.fastForward(21_000);
  await chat.notice.getByText("The connection to memls is lost").waitFor();
  await page.clock.fastForward(2_000);
  await chat.notice.waitFor({ state: "detached" });
  await world.endpoint.script(...READING);
  await chat.ask("How is the total made?");
});

test("another repository is chosen, and stays chosen after a reload", async ({ world, open }) => {
  const { chat, page } = await open();
  const chooser = page.getByRole("combobox", { name: "Repository" });
  expect(await chooser.locator("option").allInnerTexts()).toEqual(["shop", "bakery"]);
  expect(await page.title()).toBe("shop · memls");
  await world.endpoint.script(SLOWLY);
  await chat.send("What is a word?");
  await chat.turn(0).answer.getByText("word word").first().waitFor();

  await chooser.selectOption("bakery");
  await page.getByRole("heading", { name: "Ask about bakery" }).waitFor();
  await page.getByText("1 file, 1 symbol indexed").waitFor();
  expect(world.endpoint.left).toBe(0);
  expect(await chat.turns.count()).toBe(0);
  await chat.openSessions();
  expect(await chat.sessions.count()).toBe(0);
  await chat.title.click();

  await page.reload();
  await page.getByRole("heading", { name: "Ask about bakery" }).waitFor();
  expect(await page.title()).toBe("bakery · memls");
  expect(world.site.asked.filter((one) => one.startsWith("/lsp")).at(-1)).toBe("/lsp?repo=bakery");
  await chooser.selectOption("shop");
  await chat.turn(0).question.getByText("What is a word?").waitFor(); // where it was left
  await chat.turn(0).expectEnd("stopped");
});

test("a question goes on while another repository is shown, and is there when one comes back", async ({ world, open }) => {
  const { chat, page } = await open();
  const chooser = page.getByRole("combobox", { name: "Repository" });
  await world.endpoint.script({ text: "word ".repeat(100), pause: 0.03 }, "Of bread.");
  await chat.send("What is a word?");
  await chat.turn(0).answer.getByText("word word").first().waitFor();
  const heard = (await chat.turn(0).answer.innerText()).length;

  await chooser.selectOption("bakery");
  await page.getByText("1 file, 1 symbol indexed").waitFor();
  expect(await chat.turns.count()).toBe(0);
  await chooser.selectOption("shop");
  await chat.turn(0).expectEnd("answered");
  expect((await chat.turn(0).answer.innerText()).length).toBeGreaterThan(heard);
  expect(world.endpoint.left).toBe(0);
  expect(world.site.connected).toBe(1); // what nothing runs on is closed

  await chooser.selectOption("bakery");
  await expect.poll(() => chat.turns.count()).toBe(0);
  await chat.ask("And what is that of?");
  expect(await chat.turns.count()).toBe(1);
});

test("a server without a list has one repository, whose name is its folder's", async ({ world, open }) => {
  world.site.list = "none";
  const { page } = await open({}, "/");
  await page.locator(".repository").getByText("shop").waitFor();
  expect(await page.title()).toBe("shop · memls");
  expect(await page.getByRole("combobox", { name: "Repository" }).count()).toBe(0);
  expect(world.site.asked.filter((one) => one.startsWith("/lsp"))).toEqual(["/lsp?"]);
});

test("who is not signed in is told so, and nobody connects", async ({ world }) => {
  world.site.list = "signed out";
  const { chat } = await world.visit();
  await chat.notice.getByText("This browser is not signed in").waitFor();
  expect(world.site.connected).toBe(0);
  world.site.list = "there";
  await chat.button("Try again").click();
  await chat.notice.waitFor({ state: "detached" });
  await world.leave();
});
