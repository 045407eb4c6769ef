/** What the tests of one file share: servers, an endpoint, a site, a browser; and a page for each test. */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium as engine, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { expect, test as base } from "vitest";
import { Chat } from "../vscode/chat";
import { Endpoint } from "../vscode/endpoint";
import { chromium, freePort } from "../vscode/machine";
import { serveLine, type Served } from "./servers";
import { makeBakery, makeShop } from "./shop";
import { Site } from "./site";

const RESULTS = process.env["MEMLS_TEST_RESULTS"];

/** A page, what it shows, and what went wrong in it. */
export class Visit {
  readonly chat: Chat;
  /** Errors, dialogs, and what the page's policy did not let through. */
  readonly trouble: string[] = [];
  /** What was asked of anybody but the site. */
  readonly strays: string[] = [];

  constructor(readonly page: Page, site: string) {
    this.chat = new Chat(page);
    page.on("pageerror", (error) => { this.trouble.push(error.message); });
    page.on("dialog", (dialog) => void dialog.dismiss().then(() => this.trouble.push("a dialog")));
    page.on("console", (message) => {
      const isNetwork = /Failed to load resource|WebSocket connection to/.test(message.text()); // which tests cut
      if (["error", "warning"].includes(message.type()) && !isNetwork) {
        this.trouble.push(message.text());
      }
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(site) && !/^(?:data|blob):/.test(request.url())) {
        this.strays.push(request.url());
      }
    });
  }

  /** Until there is a server, and an index. */
  async ready(): Promise<void> {
    await this.chat.frame.getByText(/files?, [\d,]+ symbols? indexed/).waitFor({ timeout: 60_000 });
  }

  get code(): ReturnType<Page["locator"]> {
    return this.page.locator(".code-view");
  }
}

export class World {
  private readonly folder = mkdtempSync(join(tmpdir(), "memls-web-"));
  private readonly served: Served[] = [];
  endpoint!: Endpoint;
  site!: Site;
  private browser!: Browser;

  async begin(): Promise<void> {
    const port = await freePort();
    this.endpoint = new Endpoint(port);
    await this.endpoint.start();
    for (const [name, make] of [["shop", makeShop], ["bakery", makeBakery]] as const) {
      const home = join(this.folder, `home-${name}`);
      mkdirSync(home);
      make(this.path(name));
      this.served.push(await serveLine(this.path(name), { folder: home, endpoint: port }));
    }
    this.site = new Site({ shop: this.served[0]!.address, bakery: this.served[1]!.address });
    await this.site.start();
    this.browser = await engine.launch({ executablePath: chromium(true), args: ["--no-sandbox", "--disable-gpu"] });
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  async visit(options: BrowserContextOptions = {}, path = "/"): Promise<Visit> {
    const permissions = ["clipboard-read", "clipboard-write"];
    const context = await this.browser.newContext({ viewport: { width: 1200, height: 850 }, reducedMotion: "reduce", permissions, ...options });
    context.setDefaultTimeout(30_000);
    const visit = new Visit(await context.newPage(), this.site.address);
    await visit.page.goto(this.site.address + path);
    return visit;
  }

  async keep(name: string): Promise<void> {
    for (const [number, page] of this.browser.contexts().flatMap((context) => context.pages()).entries()) {
      if (RESULTS) {
        await page.screenshot({ path: join(RESULTS, `${name.replace(/[^\w-]+/g, "-")}-${number}.png`) });
      }
    }
  }

  async leave(): Promise<void> {
    await Promise.all(this.browser.contexts().map((context) => context.close()));
    this.site.gone = false;
    this.site.list = "there";
    this.site.asked.length = 0;
    this.endpoint.forget();
  }

  async end(): Promise<void> {
    await this.browser.close();
    await this.site.stop();
    await Promise.all(this.served.map(({ child }) => child.end()));
    await this.endpoint.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

export const test = base
  .extend("world", { scope: "file" }, async ({}, { onCleanup }) => { // eslint-disable-line no-empty-pattern -- Vitest reads it
    const world = new World();
    await world.begin();
    onCleanup(() => world.end());
    return world;
  })
  /** Opens pages; what went wrong in any of them fails the test. */
  .extend("open", ({ world, task }, { onCleanup }) => {
    const visits: Visit[] = [];
    onCleanup(async () => {
      if (task.result?.errors?.length) {
        await world.keep(task.name);
      }
      await world.leave();
      expect(visits.flatMap(({ trouble, strays }) => [...trouble, ...strays])).toEqual([]);
    });
    return async (options: BrowserContextOptions = {}, path = "/?repo=shop"): Promise<Visit> => {
      const visit = await world.visit(options, path);
      visits.push(visit);
      await visit.ready();
      return visit;
    };
  });
