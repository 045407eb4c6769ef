/** The page as `memls serve` gives it, from signing in to the server's end. */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium as engine, type Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { Endpoint } from "../vscode/endpoint";
import { chromium, freePort } from "../vscode/machine";
import { serve, type Home, type Served } from "./servers";
import { CODE, makeBakery, makeShop, PLACE, READING, SHOWN, SLOWLY } from "./shop";
import { Visit } from "./world";

const folder = mkdtempSync(join(tmpdir(), "memls-served-"));
const repositories = ["shop", "bakery"].map((name) => join(folder, name));
let home: Home;
let endpoint: Endpoint;
let browser: Browser;
let served: Served;
let visit: Visit;

beforeAll(async () => {
  home = { folder: join(folder, "home"), endpoint: await freePort() };
  mkdirSync(home.folder);
  makeShop(repositories[0]!);
  makeBakery(repositories[1]!);
  endpoint = new Endpoint(home.endpoint);
  await endpoint.start();
  browser = await engine.launch({ executablePath: chromium(true), args: ["--no-sandbox", "--disable-gpu"] });
  served = await serve(repositories, home);
});

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  endpoint.forget();
  expect([...visit.trouble, ...visit.strays]).toEqual([]);
});

afterAll(async () => {
  await browser.close();
  await served.child.end();
  await endpoint.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** In a browser that has never been here. */
async function signIn(): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 850 } });
  context.setDefaultTimeout(30_000);
  visit = new Visit(await context.newPage(), new URL(served.address).origin);
  await visit.page.goto(served.address);
  await visit.ready();
  return visit;
}

/** Another process in its place, at the same address. */
async function restart(): Promise<void> {
  await served.child.end();
  served = await serve(repositories, home, Number(new URL(served.address).port));
}

it("signs in, asks, cites and shows the code; the token stays nowhere in sight", async () => {
  const { chat, code, page } = await signIn();
  expect(page.url()).not.toContain("token");
  expect(await page.evaluate(() => document.cookie + JSON.stringify(sessionStorage) + JSON.stringify(localStorage))).not.toContain(new URL(served.address).searchParams.get("token"));
  await endpoint.script(...READING, `It is also said there [${PLACE}].`);
  const { cites } = await chat.ask("How is the total made?");
  expect(await cites.getAttribute("class")).toMatch(/(^| )verified/);
  expect((await cites.innerText()).trim()).toContain(SHOWN);
  await cites.click();
  await code.getByText(CODE).waitFor();
  await chat.ask("And where is that said?");
  expect(await chat.turns.count()).toBe(2);
});

it("offers its repositories", async () => {
  const { chat, page } = await signIn();
  const chooser = page.getByRole("combobox", { name: "Repository" });
  expect(await chooser.locator("option").allInnerTexts()).toEqual(["shop", "bakery"]);
  await chooser.selectOption("bakery");
  await page.getByText("1 file, 1 symbol indexed").waitFor();
  await endpoint.script({ calls: [["page_in", { targets: ["oven.py:1-2"] }]] }, "It warms the bread [oven.py:1-2].");
  const { cites } = await chat.ask("What does bake do?");
  expect(await cites.getAttribute("class")).toMatch(/(^| )verified/);
});

it("goes on after its server has ended in mid-answer and was started again", async () => {
  const { chat } = await signIn();
  await endpoint.script(...READING, SLOWLY);
  await chat.ask("How is the total made?");
  await chat.send("What is a word?");
  await chat.turn(1).answer.getByText("word word").first().waitFor();
  await served.child.end();
  await chat.notice.getByText("The connection to memls is lost").waitFor();
  await chat.turn(1).expectEnd("failed");
  await restart();
  await chat.notice.waitFor({ state: "detached" });
  await endpoint.script("Back again.");
  await chat.ask("And now?");
  expect(await chat.turns.count()).toBe(3);
});

it("says so where the browser is no longer signed in", async () => {
  const { chat, page } = await signIn();
  await page.context().clearCookies();
  await restart();
  await chat.notice.getByText("This browser is not signed in").waitFor();
});
