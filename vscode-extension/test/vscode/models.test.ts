/** The editor's own models and chat: borrowed, and served. */

import { expect } from "vitest";
import { READING, SHOWN } from "./places";
import { writeSettings } from "./codeserver";
import { holding } from "./machine";
import { test } from "./world";

const AI = { "memls.model": "", "memls.baseUrl": "" };

test("the editor's model answers where it is chosen", async ({ world }) => {
  const window = await world.open(AI);
  await window.indexed();
  const chat = await window.chat();
  await chat.model.click();
  await window.pick("Echo", "Echo");
  await expect.poll(() => chat.model.innerText()).toContain("Echo");
  await chat.send("How does run_in_threadpool run a function?");
  await window.allow(chat.turn(0).answer);
  await chat.turn(0).expectEnd("answered");
  expect(await chat.turn(0).answer.innerText()).toContain("The editor's model says");
  expect(await chat.turn(0).cites.innerText()).toContain(SHOWN);
  expect(await chat.turn(0).cites.getAttribute("class")).toMatch(/(^| )verified/);
  expect(world.endpoint.asked).toEqual([]);
});

test("without any model the answer quotes the code", async ({ world }) => {
  const window = await world.open();
  await window.indexed();
  const chat = await window.chat();
  await chat.model.click();
  await window.pick("extractive", "extractive");
  await expect.poll(() => chat.model.innerText()).toContain("No model");
  const turn = await chat.ask("Where is `run_in_threadpool` defined?");
  expect(await turn.cites.first().innerText()).toContain("concurrency.py:");
  expect(world.endpoint.asked).toEqual([]);
});

test("the endpoint that was chosen is that of the settings, also when they change", async ({ world }) => {
  const window = await world.open();
  await window.indexed();
  const chat = await window.chat();
  await chat.model.click();
  await window.pick("fake", "fake");
  writeSettings(world.slot, { "memls.model": "other" });
  await expect.poll(() => chat.model.innerText()).toContain("other");
  await world.endpoint.script("Hello.");
  await chat.ask("Who are you?");
  expect(world.endpoint.asked.map(({ model }) => model)).toEqual(["other"]);
});

test("a key is kept by the editor, and seen by the endpoint alone", async ({ world }) => {
  const key = "sk-4f9a0c1d2e3b4a59";
  await world.endpoint.require(key);
  const window = await world.open();
  await window.indexed();
  const chat = await window.chat();
  await chat.send("How does run_in_threadpool run a function?");
  await chat.turn(0).expectEnd("failed");
  expect(await chat.turn(0).failure.innerText()).toMatch(/401.*memls: Set API Key/);
  await window.command("memls: Set API Key");
  await window.answer(key);
  await world.endpoint.script(...READING);
  await window.indexed();
  await chat.turn(0).button("Try again").click();
  await chat.turn(0).answer.getByText("hands it to a worker thread").waitFor();
  await chat.turn(0).expectEnd("answered");
  expect(holding(key, world.slot.folder)).toEqual([]);
});

test("@memls answers in the editor's own chat", async ({ world }) => {
  await world.endpoint.script(...READING);
  const window = await world.open();
  await window.indexed();
  await window.askEditorsChat("@memls How does run_in_threadpool run a function?");
  const answer = window.page.locator(".interactive-session .interactive-response").last();
  await answer.getByText("hands it to a worker thread").waitFor();
  await answer.getByText("concurrency.py").first().waitFor();
  await answer.getByRole("button", { name: "Open in memls" }).click();
  const chat = await window.shownChat();
  await expect.poll(() => chat.turn(0).question.innerText()).toBe("How does run_in_threadpool run a function?");
});
