/** Several folders in one window: each is a repository of its own. */

import { expect } from "vitest";
import { FILE, READING, SHOWN } from "./places";
import { test, type World } from "./world";

function writeBoth(world: World): void {
  world.write("../shop/shop/cart.py", "class Cart:\n    def total(self) -> int:\n        return 3\n");
  world.write("../both.code-workspace", JSON.stringify({ folders: [{ path: "starlette" }, { path: "shop" }] }));
}

test("of two folders the one that is chosen is asked, and each keeps its conversations", async ({ world }) => {
  writeBoth(world);
  await world.endpoint.script(...READING, { calls: [["page_in", { targets: ["shop/cart.py"] }]] }, "A cart totals 3 [shop/cart.py:1-3].");
  const window = await world.open({}, "../both.code-workspace");
  await window.indexed();
  const chat = await window.chat();
  const roots = chat.frame.getByRole("combobox", { name: "Repository" });
  expect(await roots.locator("option").allInnerTexts()).toEqual(["starlette", "shop"]);
  await chat.ask("How does run_in_threadpool run a function?");
  expect((await chat.turn(0).cites.innerText()).trim()).toContain(SHOWN);

  await roots.selectOption({ label: "shop" });
  await expect.poll(() => chat.turns.count()).toBe(0);
  await window.indexed();
  await chat.ask("What is a cart's total?");
  expect(await chat.turn(0).cites.getAttribute("class")).toMatch(/(^| )verified/);
  await chat.turn(0).cites.click();
  await window.expectLine("shop/cart.py", 1);

  await roots.selectOption({ label: "starlette" });
  await chat.openSessions();
  await expect.poll(() => chat.sessions.allInnerTexts()).toEqual([expect.stringContaining("run_in_threadpool")]);
});

test("what is asked of a file is asked of the folder that it is in", async ({ world }) => {
  writeBoth(world);
  await world.endpoint.script({ calls: [["page_in", { targets: ["shop/cart.py"] }]] }, "A cart totals 3 [shop/cart.py:1-3].", ...READING);
  const window = await world.open({ "memls.codeLens": true }, "../both.code-workspace");
  await window.indexed();
  const chat = await window.chat();
  const roots = chat.frame.getByRole("combobox", { name: "Repository" });
  await window.openFile("shop/cart.py", 1);
  await window.page.locator(".codelens-decoration a", { hasText: "Ask memls" }).first().click();
  await chat.turn(0).expectEnd("answered");
  expect(await chat.turn(0).cites.getAttribute("class")).toMatch(/ verified/);
  expect(await roots.locator("option:checked").innerText()).toBe("shop");

  await window.openFile(FILE, 36);
  await window.page.keyboard.press("Shift+ArrowDown");
  await window.command("memls: Explain the Selection");
  await expect.poll(() => roots.locator("option:checked").innerText()).toBe("starlette");
  await chat.turn(0).expectEnd("answered");
  expect(await chat.turn(0).question.innerText()).toContain(`Explain ${FILE}:36`);
});
