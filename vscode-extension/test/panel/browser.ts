/** A real browser, and the panel in it. */

import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";
import { chromium as installed } from "../vscode/machine";
import { serve } from "./gallery/server";
import type { Gallery, Theme } from "./gallery/server";

export interface Stage {
  gallery: Gallery;
  browser: Browser;
  show: (state: string, options?: Options) => Promise<Page>;
  close: () => Promise<void>;
}

export interface Options {
  theme?: Theme | "none";
  width?: number;
  height?: number;
  forcedColors?: boolean;
  /** Before the page is there. */
  prepare?: (page: Page) => void;
}

export async function stage(): Promise<Stage> {
  const gallery = await serve();
  const browser = await chromium.launch({ executablePath: installed(true), args: ["--no-sandbox", "--disable-gpu"] });
  const show = async (state: string, options: Options = {}): Promise<Page> => {
    const { theme = "dark", width = 400, height = 800, forcedColors = false, prepare } = options;
    const context = await browser.newContext({
      viewport: { width, height },
      reducedMotion: "reduce",
      forcedColors: forcedColors ? "active" : "none",
      bypassCSP: false,
    });
    const page = await context.newPage();
    prepare?.(page);
    await page.goto(`${gallery.url}/panel?state=${state}&theme=${theme}`);
    await page.locator(".composer").waitFor();
    return page;
  };
  const close = async (): Promise<void> => {
    await browser.close();
    await gallery.close();
  };
  return { gallery, browser, show, close };
}
