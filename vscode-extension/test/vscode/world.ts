/** What one test has to itself: a repository, an endpoint, a window. What went wrong is kept to be looked at. */

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { chromium, type Browser, type BrowserContext } from "playwright-core";
import { inject, test as base } from "vitest";
import { servers, writeSettings } from "./codeserver";
import { Endpoint } from "./endpoint";
import { PACKAGE } from "./machine";
import type { Slot } from "./stage";
import { until } from "./until";
import { Workbench } from "./workbench";

export const RESULTS = process.env["MEMLS_TEST_RESULTS"] ?? join(PACKAGE, "test-results");
const PATIENCE = 60_000;

export class World {
  readonly workspace: string;
  readonly endpoint: Endpoint;
  private context: BrowserContext | null = null;
  window: Workbench | null = null;
  private readonly console: string[] = [];
  /** What windows asked of anybody but this machine. */
  readonly strays: string[] = [];

  constructor(
    readonly slot: Slot,
    private readonly browser: Browser,
  ) {
    this.workspace = join(mkdtempSync(join(slot.folder, "w-")), "starlette");
    cpSync(inject("template"), this.workspace, { recursive: true });
    this.endpoint = new Endpoint(slot.endpoint);
  }

  /** A new window on the repository, as of the first time that somebody opens it; or on a workspace's file. */
  async open(settings: Record<string, unknown> = {}, file = ""): Promise<Workbench> {
    writeSettings(this.slot, settings);
    const context = await this.browser.newContext({ viewport: { width: 1400, height: 900 }, permissions: ["clipboard-read", "clipboard-write"] });
    context.setDefaultTimeout(PATIENCE);
    this.context = context;
    await context.route((url) => url.hostname !== "127.0.0.1" && url.hostname !== "localhost", (route) => {
      this.strays.push(route.request().url());
      return route.abort();
    });
    const page = await context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        this.console.push(`${message.type()}: ${message.text()}`);
      }
    });
    this.window = new Workbench(page, `http://127.0.0.1:${this.slot.port}/?${file ? `workspace=${join(this.workspace, file)}` : `folder=${this.workspace}`}`);
    await this.window.open();
    return this.window;
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.workspace, path, ".."), { recursive: true });
    writeFileSync(join(this.workspace, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.workspace, path), "utf8");
  }

  /** The processes of memls that this test's window has started. */
  servers(): number[] {
    return servers(this.slot);
  }

  /** What a reader needs who was not there. */
  async keep(name: string): Promise<void> {
    const folder = join(RESULTS, name.replace(/[^\w-]+/g, "-"));
    mkdirSync(folder, { recursive: true });
    await this.window?.page.screenshot({ path: join(folder, "window.png") }).catch(() => undefined);
    writeFileSync(join(folder, "console.txt"), this.console.join("\n"));
    writeFileSync(join(folder, "asked.json"), JSON.stringify(this.endpoint.asked, null, 2));
    writeFileSync(join(folder, "server.txt"), this.said());
  }

  /** What the server wrote to its standard error. */
  private said(): string {
    const file = join(this.slot.folder, "said");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  async end(): Promise<void> {
    await this.context?.close();
    await this.endpoint.stop();
    await until("the window's server has ended", () => this.servers().length === 0).catch(() => {
      this.servers().forEach((pid) => process.kill(pid, "SIGKILL"));
    });
    rmSync(dirname(this.workspace), { recursive: true, force: true });
    ["servers", "said"].forEach((name) => { rmSync(join(this.slot.folder, name), { force: true }); });
  }
}

let connected: Promise<Browser> | null = null;

async function begin(): Promise<World> {
  const slot = inject("slots")[Number(process.env["VITEST_POOL_ID"] ?? 1) - 1];
  if (!slot) {
    throw new Error("there are more workers than places");
  }
  connected ??= chromium.connect(slot.browser);
  const world = new World(slot, await connected);
  await world.endpoint.start();
  return world;
}

export const test = base.extend<{ world: World }>({
  world: async ({ task }, use) => {
    const world = await begin();
    try {
      await use(world);
      if (task.result?.errors?.length) {
        await world.keep(task.name);
      }
    } finally {
      await world.end();
    }
  },
});

/** Tests of one file that share a window, since to open one takes longer than most of them. */
export const visit = base
  .extend("world", { scope: "file" }, async ({}, { onCleanup }) => { // eslint-disable-line no-empty-pattern -- Vitest reads it
    const world = await begin();
    onCleanup(() => world.end());
    return world;
  })
  /** With what happened in it before. */
  .extend("window", async ({ world, task }, { onCleanup }) => {
    onCleanup(async () => {
      if (task.result?.errors?.length) {
        await world.keep(task.name);
      }
    });
    world.endpoint.forget();
    const window = world.window ?? (await world.open());
    await window.indexed();
    return window;
  })
  /** A new conversation. */
  .extend("chat", async ({ window }) => {
    const chat = await window.chat();
    await chat.frame.getByRole("button", { name: "New conversation", exact: true }).first().click();
    await chat.turns.first().waitFor({ state: "detached" });
    return chat;
  });
