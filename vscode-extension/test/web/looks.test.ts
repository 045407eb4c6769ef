/** The page for those who cannot see or point, in light and dark, wide and narrow; and for those who mean harm. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { PACKAGE } from "../vscode/machine";
import { CODE, EVIL, EVIL_FILE, READING } from "./shop";
import { test, type Visit } from "./world";

const AXE = readFileSync(join(PACKAGE, "node_modules", "axe-core", "axe.min.js"), "utf8");
/** A folder for pictures of what is looked at here; none are taken without it. */
const SHOTS = process.env["MEMLS_TEST_SHOTS"];

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found: AxeResults = await page.evaluate("axe.run(document)");
  return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ""}`));
}

async function look(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  if (SHOTS) {
    await page.screenshot({ path: join(SHOTS, `${name}.png`) });
  }
  expect(await violations(page), name).toEqual([]);
  const width = page.viewportSize()?.width;
  expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBe(width);
}

const LONG = `\`total\` adds up what is in the basket [shop/till.py:401-403], and **nothing else**. The steps are:

1. The basket is asked for its price [shop/basket.py:5-6].
2. Each item's price is taken and added.

\`\`\`python
def total(basket):
    """The price of all that is in a basket."""
    return sum(item.price for item in basket)
\`\`\`

| step | where |
| --- | --- |
| ask | \`Basket.price\` |
| add | \`total\` |

There is more [in the handbook](https://example.invalid/handbook).`;

async function tour({ page, chat, code }: Visit, name: string): Promise<void> {
  await look(page, `${name}-welcome`);
  await chat.ask("How is the total made?");
  await look(page, `${name}-answer`);
  await chat.turn(0).cites.first().click();
  await code.getByText(CODE).waitFor();
  await look(page, `${name}-code`);
  await page.keyboard.press("Escape");
  await chat.turn(0).place.getByRole("link", { name: "in the handbook" }).click();
  await page.getByRole("dialog", { name: "Open this address?" }).getByText("https://example.invalid/handbook").waitFor();
  await look(page, `${name}-link`);
  await page.keyboard.press("Escape");
  await chat.openMemory();
  await look(page, `${name}-window`);
  await chat.title.click();
  await chat.sessions.first().waitFor();
  await look(page, `${name}-conversations`);
}

const READ_BOTH = { calls: [["page_in", { targets: ["shop/till.py:401-403", "shop/basket.py:5-6"] }]] as [string, unknown][] };

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [360, 1600]) {
    test(`in ${colorScheme}, ${width} pixels wide, nothing is in anybody's way`, async ({ world, open }) => {
      const visit = await open({ colorScheme, viewport: { width, height: width === 360 ? 740 : 950 } });
      await world.endpoint.script(READ_BOTH, LONG);
      await tour(visit, `${colorScheme}-${width}`);
    });
  }
}

test("a message and a lost connection are readable too", async ({ world, open }) => {
  const { chat, page } = await open({ colorScheme: "dark" });
  await world.endpoint.script("It was here [shop/gone.py:1-2].", "It was here [shop/gone.py:1-2].");
  await chat.send("Where is it?");
  await expect.poll(() => chat.turn(0).place.getAttribute("class")).toMatch(/answered|incomplete/);
  await chat.turn(0).cites.first().click();
  await page.locator(".code-view-note").getByText("It cannot be read: shop/gone.py is not in the index.").waitFor();
  world.site.gone = true;
  world.site.cut();
  await chat.notice.getByText("The connection to memls is lost").waitFor();
  await look(page, "dark-1200-lost");
});

const HOSTILE = [
  `Markup: ${EVIL} <script>document.title='owned'</script> <iframe src="https://example.invalid/"></iframe>`,
  "[a script](javascript:document.title='owned'), [data](data:text/html,<script>1</script>), ![a picture](https://example.invalid/pixel.png)",
  "",
  "```html",
  EVIL,
  "```",
  "",
  `It stands in [${EVIL_FILE}:1-3].`,
].join("\n");

test("hostile words, code and names are text: they run nothing, ask nothing and lead nowhere", async ({ world, open }) => {
  const { chat, code, page } = await open();
  await world.endpoint.script({ text: EVIL, calls: [["page_in", { targets: [`${EVIL_FILE}:1-3`] }]] }, HOSTILE, HOSTILE);
  await chat.send(`What is ${EVIL}?`);
  await expect.poll(() => chat.turn(0).place.getAttribute("class")).toMatch(/answered|incomplete/);
  expect(await chat.turn(0).answer.innerText()).toContain(`Markup: ${EVIL}`);
  expect(await chat.turn(0).question.innerText()).toBe(`What is ${EVIL}?`);
  await chat.openMemory();
  const row = chat.pages.filter({ hasText: "evil" }).first();
  await row.hover();
  await row.getByRole("button", { name: /^Open/ }).click();
  await code.getByText(EVIL).waitFor();
  expect(await code.innerText()).toContain("<script>document.title='owned'</script>");
  await chat.openSessions();
  await chat.sessions.first().waitFor();
  expect(await page.locator("script").count()).toBe(1);
  expect(await page.locator("body :is(img, iframe, object, embed, style, a[href], [onerror])").count()).toBe(0);
  expect(await page.title()).toBe("shop · memls");
});

test("nothing but the cleaner can make HTML of a string, and no script can stand in the page", async ({ open }) => {
  const visit = await open();
  const refused = await visit.page.evaluate(() => {
    const made = document.createElement("img");
    made.src = "https://example.invalid/pixel.png";
    try {
      document.body.innerHTML = "<b>x</b>";
      return false;
    } catch {
      return true;
    }
  });
  expect(refused).toBe(true);
  await expect.poll(() => visit.trouble.length).toBeGreaterThan(0); // and the tests would see it
  visit.trouble.length = 0;
  visit.strays.length = 0;
});

test("a link opens a new tab that knows nothing of this one, once the reader has seen where it leads", async ({ world, open }) => {
  const { chat, page } = await open();
  await world.endpoint.script(...READING.slice(0, 1), `See [this](${world.site.address}/assets/panel.css).`);
  await chat.ask("Where can I read more?");
  await chat.turn(0).place.getByRole("link", { name: "this" }).click();
  const [popup] = await Promise.all([page.context().waitForEvent("page"), page.getByRole("button", { name: "Open in a new tab" }).click()]);
  await popup.waitForLoadState();
  expect(popup.url()).toBe(`${world.site.address}/assets/panel.css`);
  expect(await popup.evaluate(() => window.opener === null && document.referrer === "")).toBe(true);
});
