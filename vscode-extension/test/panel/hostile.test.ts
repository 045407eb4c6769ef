import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stage } from "./browser";
import { stage } from "./browser";
import { STRINGS } from "./gallery/hostile";

let on: Stage;
beforeAll(async () => { on = await stage(); });
afterAll(() => on.close());

/** All that the panel is made of. */
const ELEMENTS = [
  "html", "head", "body", "meta", "title", "link", "style", "script", "div", "span", "p", "h1", "h2", "h3", "h4", "h5", "h6",
  "ul", "ol", "li", "dl", "dt", "dd", "a", "b", "strong", "em", "s", "code", "pre", "blockquote", "hr", "br", "table",
  "thead", "tbody", "tr", "th", "td", "button", "form", "input", "textarea", "select", "option", "label", "svg", "path",
  "header", "main", "section", "article", "bdi", "kbd",
];

interface Watched {
  page: Page;
  /** What left the page, beside itself. */
  requests: string[];
  trouble: string[];
}

async function watched(state: string, width: number): Promise<Watched> {
  const requests: string[] = [];
  const trouble: string[] = [];
  const own = new RegExp(`^${on.gallery.url}/(?:panel\\?|panel\\.js|panel\\.css|fake\\.js)`);
  const prepare = (page: Page): void => {
    page.on("request", (request) => { if (!own.test(request.url())) { requests.push(request.url()); } });
    page.on("pageerror", (error) => { trouble.push(error.message); });
    page.on("console", (message) => { if (message.type() === "error" || message.type() === "warning") { trouble.push(message.text()); } });
    page.on("dialog", (dialog) => {
      trouble.push("a dialog");
      void dialog.dismiss();
    });
    page.on("popup", () => { trouble.push("a window"); });
  };
  return { page: await on.show(state, { width, prepare }), requests, trouble };
}

/** Whether the code of a place is shown where the pointer comes to it. What unfolds above may still move it away. */
async function isShownAt(place: Locator): Promise<boolean> {
  await place.page().mouse.move(0, 0);
  await place.hover();
  return place.page().locator(".card").waitFor({ timeout: 2_000 }).then(() => true, () => false);
}

/** Everything that shows a text of others is opened, and everything that could act is pointed at and clicked. */
async function explore(page: Page): Promise<void> {
  await page.evaluate(() => { document.querySelectorAll<HTMLElement>(".fold-head[aria-expanded=false]").forEach((fold) => { fold.click(); }); });
  await expect.poll(() => isShownAt(page.locator(".source").first()), { timeout: 20_000 }).toBe(true);
  await page.evaluate(() => {
    for (const one of document.querySelectorAll<HTMLElement>(".answer *:not(svg, path), .question h2, .callout span")) {
      one.click();
      one.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey: true }));
      one.dispatchEvent(new MouseEvent("auxclick", { bubbles: true, cancelable: true, button: 1 }));
    }
  });
  const links = page.locator(".answer .link");
  if (await links.count()) {
    await links.first().click({ button: "middle" });
  }
  await page.locator("[data-opens=sessions]").click();
}

function look(): { elements: string[]; attributes: string[]; frames: number; pwned: unknown; reads: string } {
  const all = [...document.querySelectorAll("*")];
  const bad = (attribute: Attr): boolean =>
    /^on/i.test(attribute.name) || ["src", "srcdoc", "action", "formaction", "data", "background", "xlink:href"].includes(attribute.name);
  return {
    elements: [...new Set(all.map((one) => one.tagName.toLowerCase()))],
    attributes: all.flatMap((one) => [...one.attributes].filter((own) => bad(own) && one.tagName !== "SCRIPT").map((own) => `${one.tagName} ${own.name}`)),
    frames: window.length,
    pwned: (window as { pwned?: unknown }).pwned,
    reads: location.href,
  };
}

describe("text of somebody who means harm is text:", () => {
  it.each(STRINGS.map((text, at) => [JSON.stringify(text.slice(0, 70)), at] as const))("%s", async (_, at) => {
    const { page, requests, trouble } = await watched(`hostile-${at}`, at % 2 ? 900 : 400);
    await explore(page);
    if (at % 2) {
      await page.locator("[data-opens=window]").click();
    }
    const seen = await page.evaluate(look);
    expect(seen.elements.filter((tag) => !ELEMENTS.includes(tag))).toEqual([]);
    expect(seen.attributes).toEqual([]);
    expect(seen.frames).toBe(0);
    expect(seen.pwned).toBeUndefined();
    expect(seen.reads).toBe(`${on.gallery.url}/panel?state=hostile-${at}&theme=dark`);
    expect(await page.locator("script").count()).toBe(2);
    expect(await page.locator("a[href]").count()).toBe(0);
    expect(requests).toEqual([]);
    expect(trouble).toEqual([]);
    const links = await page.evaluate(() => fake.sent.flatMap((one) => (one.type === "open_link" ? [one.href] : [])));
    expect(links.filter((href) => !/^(?:https?:\/\/|mailto:)/.test(href))).toEqual([]);
    await page.context().close();
  });

  it("and the test would see it otherwise", async () => {
    const { page, requests, trouble } = await watched("hostile-0", 400);
    await page.evaluate(() => {
      const image = document.createElement("img");
      image.src = "http://evil.test/pixel.png";
      document.body.append(image);
    });
    await expect.poll(() => trouble.length + requests.length).toBeGreaterThan(0);
    expect((await page.evaluate(look)).elements).toContain("img");
    await page.context().close();
  });

  it("and nothing but the cleaner can make HTML of a string", async () => {
    const { page } = await watched("answered", 400);
    const refused = await page.evaluate(() => {
      try {
        document.body.innerHTML = "<b>x</b>";
        return false;
      } catch {
        return true;
      }
    });
    expect(refused).toBe(true);
    await page.context().close();
  });
});
