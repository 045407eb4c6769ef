import { expect } from "vitest";
import { test } from "./world";

test("the status bar says how the index is", async ({ world }) => {
  const window = await world.open();
  await window.indexed();
  expect(await window.item.innerText()).toContain("memls");
});

test("again", async ({ world }) => {
  const window = await world.open();
  await window.indexed();
  expect(await window.item.innerHTML()).toContain("xx");
});
