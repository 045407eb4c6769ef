/** Conversations: suggested, listed, found, renamed, exported, deleted. */

import { expect } from "vitest";
import { READING } from "./places";
import { visit } from "./world";

visit("conversations are found, opened, renamed, exported and deleted", async ({ world, window, chat }) => {
  await world.endpoint.script(...READING, "Another thing, a lifespan.", "unused");
  await chat.ask("How does run_in_threadpool run a function?");
  await chat.button("New conversation").click();
  await chat.turns.first().waitFor({ state: "detached" });
  await chat.ask("What is a lifespan?");

  await chat.openSessions();
  await expect.poll(() => chat.sessions.count()).toBe(2);
  const search = chat.frame.getByRole("searchbox", { name: "Search conversations" });
  await search.fill("worker thread");
  await expect.poll(() => chat.sessions.allInnerTexts()).toEqual([expect.stringContaining("run_in_threadpool")]);
  await chat.sessions.first().getByRole("button").first().click();
  await expect.poll(() => chat.turn(0).question.innerText()).toBe("How does run_in_threadpool run a function?");

  await chat.openSessions();
  const first = chat.sessions.filter({ hasText: "run_in_threadpool" });
  await first.hover();
  await first.getByRole("button", { name: /^Rename/ }).click();
  const field = chat.frame.getByRole("textbox", { name: "Title of the conversation" });
  await field.fill("Threads");
  await field.press("Enter");
  const renamed = chat.sessions.filter({ hasText: "Threads" });
  await renamed.waitFor();
  await expect.poll(() => chat.title.innerText()).toContain("Threads");

  await renamed.hover();
  await renamed.getByRole("button", { name: "Export Threads" }).click();
  await window.saveAs(`${world.workspace}/threads.md`);
  await window.tab.filter({ hasText: "threads.md" }).waitFor();
  expect(world.read("threads.md")).toContain("How does run_in_threadpool run a function?");
  expect(world.read("threads.md")).toContain("hands it to a worker thread");

  const other = chat.sessions.filter({ hasText: "lifespan" });
  await other.hover();
  await other.getByRole("button", { name: /^Delete/ }).click();
  await chat.button("Keep").click();
  await other.hover();
  await other.getByRole("button", { name: /^Delete/ }).click();
  await chat.frame.getByRole("button", { name: "Delete", exact: true }).click();
  await expect.poll(() => chat.sessions.count()).toBe(1);
});

visit("an empty panel suggests questions, and asks the one that is chosen", async ({ world, chat }) => {
  await world.endpoint.script(...READING);
  const suggestions = chat.frame.getByRole("list", { name: "Questions to begin with" }).getByRole("button");
  await suggestions.first().waitFor();
  expect(await suggestions.count()).toBe(3);
  const question = (await suggestions.first().innerText()).trim();
  expect(await suggestions.first().locator("code").count()).toBe(1);
  await suggestions.first().click();
  await chat.turn(0).expectEnd("answered");
  expect((await chat.turn(0).question.innerText()).replaceAll("`", "")).toBe(question);
});
