/** What ends and comes back: the window, the endpoint, the server. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { PLACE, READING, SHOWN, slowly } from "./places";
import { test } from "./world";

test("after a restart of the window the conversation is there, and goes on", async ({ world }) => {
  await world.endpoint.script(...READING, `As I said [${PLACE}].`);
  const window = await world.open();
  const before = await window.chat();
  await before.ask("How does run_in_threadpool run a function?");
  await window.reload();
  const chat = await window.chat();
  await chat.turn(0).answer.waitFor();
  expect(await chat.turn(0).question.innerText()).toBe("How does run_in_threadpool run a function?");
  expect(await chat.turn(0).answer.innerText()).toContain(SHOWN);
  await expect.poll(() => chat.turn(0).cites.getAttribute("class")).toMatch(/(^| )verified/);
  await chat.ask("What did you say?");
  expect(world.endpoint.asked.at(-1)?.messages.map((one) => one.content ?? "").join("\n")).toContain("hands it to a worker thread");
});

test("an endpoint that is down is named, and asked again when it is back", async ({ world }) => {
  await world.endpoint.stop();
  const window = await world.open();
  const chat = await window.chat();
  await chat.send("How does run_in_threadpool run a function?");
  const turn = chat.turn(0);
  await turn.expectEnd("failed");
  expect(await turn.failure.innerText()).toContain(`127.0.0.1:${world.slot.endpoint}`);
  await world.endpoint.start();
  await world.endpoint.script(...READING);
  await turn.button("Try again").click();
  await turn.answer.getByText("hands it to a worker thread").waitFor();
  await turn.expectEnd("answered");
  expect(await chat.turns.count()).toBe(1);
});

test("a server that is killed while it answers is started again, and the question can be asked again", async ({ world }) => {
  await world.endpoint.script(slowly());
  const window = await world.open();
  const chat = await window.chat();
  await chat.send("What is a word?");
  await chat.turn(0).answer.getByText("word word").first().waitFor();
  const killed = world.servers();
  expect(killed.length).toBeGreaterThan(0);
  killed.forEach((pid) => process.kill(pid, "SIGKILL"));
  await chat.turn(0).expectEnd("failed");
  expect(await chat.turn(0).failure.innerText()).toMatch(/ended/);
  await expect.poll(() => world.servers().filter((pid) => !killed.includes(pid)).length).toBeGreaterThan(0);
  await world.endpoint.script(...READING);
  await chat.turn(0).button("Try again").click();
  await chat.turn(0).answer.getByText("hands it to a worker thread").waitFor();
  await chat.turn(0).expectEnd("answered");
  expect(await chat.turns.count()).toBe(1);
});

test("a restart asks for no start", async ({ world }) => {
  const window = await world.open();
  const chat = await window.chat();
  await window.indexed();
  const body = chat.frame.locator("body");
  await body.evaluate((shown) => {
    const seen: string[] = [];
    new MutationObserver(() => seen.push(shown.textContent)).observe(shown, { subtree: true, childList: true, characterData: true });
    Object.assign(globalThis, { seen });
  });
  const before = world.servers();
  await window.command("memls: Restart the Server");
  await expect.poll(() => world.servers().some((pid) => !before.includes(pid))).toBe(true);
  await window.indexed();
  const seen = await body.evaluate(() => (globalThis as unknown as { seen: string[] }).seen.join("\n"));
  expect(seen).toContain("memls is starting");
  expect(seen).not.toContain("not started");
});

test("where there is no server it is said, with what to do about it", async ({ world }) => {
  const later = join(world.slot.folder, "later");
  const window = await world.open({ "memls.path": later });
  const chat = await window.chat();
  await chat.notice.getByText(/memls does not start from the setting memls\.path.*no such program/).waitFor();
  expect(await chat.notice.getByRole("button").allInnerTexts()).toEqual(expect.arrayContaining(["Open settings", "Choose Python…", "Try again", "Show log"]));
  expect(await window.spoken()).toBe("memls: not running");
  writeFileSync(later, `#!/bin/sh\nexec '${join(world.slot.folder, "memls")}' "$@"\n`, { mode: 0o755 });
  await chat.notice.getByRole("button", { name: "Try again" }).click();
  await chat.notice.waitFor({ state: "detached" });
  await world.endpoint.script(...READING);
  await chat.ask("How does run_in_threadpool run a function?");
});
