/** Asking: what streams in, what it cites, and asking further, again and otherwise. */

import { expect } from "vitest";
import { ANSWER, CODE, END, FILE, PLACE, READ, READING, SHOWN, slowly, START } from "./places";
import { visit } from "./world";

visit("an answer streams in, and its citation shows and opens the code", async ({ world, window, chat }) => {
  await world.endpoint.script(READ, { text: ANSWER, pause: 0.2 });
  await chat.send("How does run_in_threadpool run a function?");
  const turn = chat.turn(0);
  await turn.answer.waitFor();
  const early = await turn.answer.innerText();
  expect(early.length).toBeLessThan(ANSWER.length);
  await turn.expectEnd("answered");
  expect(await turn.answer.innerText()).toContain("hands it to a worker thread");
  expect((await turn.cites.innerText()).trim()).toContain(SHOWN);
  expect(await turn.cites.getAttribute("class")).toMatch(/(^| )verified/);
  expect(await turn.place.getByText(/^Read \d+ region/).count()).toBe(1);

  await turn.cites.hover();
  await chat.card.getByText(CODE).waitFor();
  await turn.cites.click();
  await window.expectLine(FILE, START);
  await window.editor(FILE).getByText("async def run_in_threadpool").waitFor();
  expect(world.strays).toEqual([]);
});

visit("a follow-up goes on in the same conversation", async ({ world, chat }) => {
  await world.endpoint.script(...READING, `It is also said there [${PLACE}].`);
  await chat.ask("What does run_in_threadpool do?");
  await chat.ask("And where is that said?");
  expect(await chat.turns.count()).toBe(2);
  const words = world.endpoint.asked.at(-1)?.messages.map((one) => one.content ?? "").join("\n");
  expect(words).toContain("hands it to a worker thread");
  expect(words).toContain("And where is that said?");
  await chat.openSessions();
  await expect.poll(() => chat.sessions.filter({ hasText: /What does run_in_threadpool do|where is that said/ }).count()).toBe(1);
});

visit("stopping a question ends the model's request", async ({ world, chat }) => {
  await world.endpoint.script(slowly(), "Shorter this time.");
  await chat.send("What is a word?");
  await chat.turn(0).answer.getByText("word word").first().waitFor();
  await chat.stop.click();
  await chat.turn(0).expectEnd("stopped");
  await expect.poll(() => world.endpoint.left).toBe(1);
  expect(await chat.turn(0).answer.innerText()).toContain("word word");
  await chat.ask("Once more?");
  expect(await chat.turn(1).answer.innerText()).toBe("Shorter this time.");
});

visit("a question is asked again, as it was and otherwise", async ({ world, chat }) => {
  await world.endpoint.script(...READING, READ, `Asked again: a thread [${PLACE}].`, READ, `Edited: a thread [${PLACE}].`);
  await chat.ask("How does it run?");
  await chat.turn(0).button("Ask again").click();
  await chat.turn(0).answer.getByText("Asked again: a thread").waitFor();
  await chat.turn(0).expectEnd("answered");
  expect(await chat.turns.count()).toBe(1);

  await chat.turn(0).place.hover();
  await chat.turn(0).button("Edit and ask again").click();
  const field = chat.frame.getByRole("textbox", { name: /^Edit the question/ });
  await field.fill("How does it really run?");
  await field.press("Enter");
  await chat.turn(0).answer.getByText("Edited: a thread").waitFor();
  expect(await chat.turn(0).question.innerText()).toBe("How does it really run?");
  expect(await chat.turns.count()).toBe(1);
  const words = world.endpoint.asked.at(-1)?.messages.map((one) => one.content ?? "").join("\n") ?? "";
  expect(words).not.toContain("How does it run?");
});

visit("@ completes a file to a chip, and the file goes along", async ({ world, chat }) => {
  await world.endpoint.script("It redirects [starlette/middleware/httpsredirect.py:9-19].");
  await chat.input.pressSequentially("What does @httpsred");
  const option = chat.frame.getByRole("option").filter({ hasText: "httpsredirect.py" }).first();
  await option.waitFor();
  await chat.input.press("Enter");
  await chat.chips.filter({ hasText: "httpsredirect.py" }).waitFor();
  await chat.input.pressSequentially("do?");
  await chat.input.press("Enter");
  await chat.turn(0).expectEnd("answered");
  expect(await chat.turn(0).place.getByRole("list", { name: "Code that went along" }).innerText()).toContain("httpsredirect.py");
  expect(await chat.chips.count()).toBe(0);
  const words = world.endpoint.asked[0]?.messages.map((one) => one.content ?? "").join("\n");
  expect(words).toContain("class HTTPSRedirectMiddleware");
  expect(await chat.turn(0).cites.getAttribute("class")).toMatch(/(^| )verified/);
  await chat.openMemory();
  await chat.pages.filter({ hasText: "httpsredirect.py" }).first().waitFor();
});

visit("what is selected in an editor is offered, and explained", async ({ world, window, chat }) => {
  await world.endpoint.script(`It is a thread [${PLACE}].`);
  await window.openFile(FILE, START);
  for (const key of ["Shift+ArrowDown", "Shift+ArrowDown", "Shift+End"]) {
    await window.page.keyboard.press(key);
  }
  await window.command("memls: Explain the Selection");
  await chat.turn(0).expectEnd("answered");
  expect(await chat.turn(0).question.innerText()).toContain(`Explain ${FILE}:${START}-${END}`);
  expect(world.endpoint.asked[0]?.messages.map((one) => one.content ?? "").join("\n")).toContain(CODE);
});
