import { readFileSync } from "node:fs";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stage } from "./browser";
import { stage } from "./browser";
import type { Theme } from "./gallery/server";
import { dress, THEMES } from "./gallery/server";
import { STATES } from "./gallery/states";

const AXE = readFileSync("node_modules/axe-core/axe.min.js", "utf8");
let on: Stage;
beforeAll(async () => { on = await stage(); });
afterAll(() => on.close());

async function violations(page: Page, options = {}): Promise<string[]> {
  if (await page.evaluate("!window.axe")) {
    await page.evaluate(AXE);
  }
  const found: AxeResults = await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`);
  return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ""}`));
}

/** What is done before it is looked at. */
const VIEWS: Record<string, (page: Page) => Promise<unknown>> = {
  "the conversation": () => Promise.resolve(),
  "the window": (page) => page.locator("[data-opens=window]").click(),
  "the list of conversations": (page) => page.locator("[data-opens=sessions]").click(),
  "all steps": (page) => page.locator(".steps .fold-head").first().click(),
  "an edited question": (page) => page.getByLabel("Edit and ask again").first().click(),
  "a citation's card": async (page) => {
    await page.locator(".cite").first().hover();
    await page.locator(".card-code").waitFor();
  },
  "choices": async (page) => {
    await page.getByLabel("Question", { exact: true }).fill("@r");
    await page.locator(".choice").first().waitFor();
  },
  "the keys": (page) => page.getByLabel("Keys").click(),
  "a conversation that is to be deleted": async (page) => {
    await page.locator("[data-opens=sessions]").click();
    await page.locator(".session").first().hover();
    await page.getByLabel(/^Delete/).first().click();
  },
};

/** What themes do not change is looked at in one of them. */
function rules(theme: string): object {
  return theme === THEMES[0] ? {} : { runOnly: ["color-contrast", "link-in-text-block"] };
}

/** Another theme while the page is open, as an editor changes it: a page for each would be most of the time. */
async function wear(page: Page, theme: Theme): Promise<void> {
  await page.evaluate(({ name, style }) => {
    document.body.className = name;
    const own = document.querySelector("#theme");
    if (own) {
      own.textContent = `:root{${style}}`;
    }
  }, dress(theme));
}

async function inAllThemes(page: Page): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const theme of THEMES) {
    await wear(page, theme);
    found[theme] = await violations(page, rules(theme));
  }
  return found;
}

const NOTHING = Object.fromEntries(THEMES.map((theme) => [theme, []]));

describe("in no theme is anything in the way of those who cannot see or point:", () => {
  it.each(Object.keys(STATES))("%s", async (state) => {
    const page = await on.show(state);
    expect(await inAllThemes(page)).toEqual(NOTHING);
    await page.context().close();
  });

  it.each(Object.keys(VIEWS))("%s", async (view) => {
    const page = await on.show("answered");
    await VIEWS[view]?.(page);
    expect(await inAllThemes(page)).toEqual(NOTHING);
    await page.context().close();
  });

  it("and a theme that is put on is the one that an editor begins with", async () => {
    const colours = (page: Page): Promise<string[]> => page.evaluate(() => [...document.querySelectorAll("body, body *")].map((one) => {
      const { color, backgroundColor, borderColor } = getComputedStyle(one);
      return [one.tagName, color, backgroundColor, borderColor].join(" ");
    }));
    const changed = await on.show("answered");
    for (const theme of THEMES.slice(1)) {
      await wear(changed, theme);
      const begun = await on.show("answered", { theme });
      await expect.poll(() => colours(changed)).toEqual(await colours(begun));
      await begun.context().close();
    }
    await changed.context().close();
  });
});

it("beside the conversation, and in colours that are forced", async () => {
  const page = await on.show("pages", { width: 900, forcedColors: true, theme: "hc-dark" });
  await page.locator("[data-opens=window]").click();
  const colours = { rules: { "color-contrast": { enabled: false } } }; // they are the system's then, which axe does not see
  expect(await violations(page, colours)).toEqual([]);
  await page.context().close();
});
