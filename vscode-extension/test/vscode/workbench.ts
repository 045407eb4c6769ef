/** VS Code's window, by what a user does in it. */

import type { FrameLocator, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { Chat } from "./chat";

export class Workbench {
  constructor(
    readonly page: Page,
    private readonly url: string,
  ) {}

  async open(): Promise<void> {
    await this.page.goto(this.url, { waitUntil: "domcontentloaded" });
    await this.ready();
  }

  /** Another run of the same window: the editor, its extensions and the server start anew. */
  async reload(): Promise<void> {
    await this.page.reload({ waitUntil: "domcontentloaded" });
    await this.ready();
  }

  /** memls has its item in the status bar from its activation on. */
  get item(): Locator {
    return this.page.locator('[id="memls.memls.memls.status"], .statusbar-item[id*="memls.status"]').first();
  }

  /** What the item says to those who do not see it. */
  async spoken(): Promise<string> {
    return (await this.item.locator("a").first().getAttribute("aria-label")) ?? "";
  }

  get status(): Locator {
    return this.page.locator(".part.statusbar");
  }

  get notifications(): Locator {
    return this.page.locator(".notification-toast, .notification-list-item");
  }

  get dialog(): Locator {
    return this.page.locator(".monaco-dialog-box");
  }

  /** The chat, shown and ready to be asked. */
  async chat(): Promise<Chat> {
    await this.item.click();
    return this.shownChat();
  }

  async shownChat(): Promise<Chat> {
    const chat = new Chat(this.webview());
    await chat.input.waitFor();
    return chat;
  }

  webview(): FrameLocator {
    return this.page.frameLocator("iframe.webview").frameLocator("iframe#active-frame");
  }

  async command(name: string): Promise<void> {
    await this.page.keyboard.press("F1");
    await this.pick(`>${name}`, name);
  }

  async openFile(path: string, line?: number): Promise<void> {
    await this.page.keyboard.press("Control+P");
    await this.pick(line ? `${path}:${line}` : path, path.split("/").at(-1) ?? path);
    await this.editor(path).waitFor();
  }

  editor(path: string): Locator {
    return this.page.locator(`.editor-instance[data-uri$="${path}"], .monaco-editor[data-uri$="${path}"]`).first();
  }

  get tab(): Locator {
    return this.page.locator(".tabs-container .tab.active");
  }

  /** Where the cursor is. */
  async expectLine(path: string, line: number): Promise<void> {
    await this.tab.filter({ hasText: path.split("/").at(-1) ?? path }).waitFor();
    await this.status.getByText(new RegExp(`Ln ${line},`)).waitFor();
  }

  get quickInput(): Locator {
    return this.page.locator(".quick-input-widget");
  }

  /** Types into the quick input, and takes the row that has a text. */
  async pick(typed: string, row: string): Promise<void> {
    const input = this.quickInput.locator("input[type=text], input").first();
    await input.waitFor();
    await input.fill(typed);
    await this.quickInput.locator(".monaco-list-row", { hasText: row }).first().click();
  }

  /** Types into the quick input that waits for a text. */
  async answer(text: string): Promise<void> {
    const input = this.quickInput.locator("input").first();
    await input.waitFor();
    await input.fill(text);
    await input.press("Enter");
    await this.quickInput.waitFor({ state: "hidden" });
  }

  /** Of the menu that an editor has for its selection. */
  async chooseInMenu(path: string, ...names: string[]): Promise<void> {
    await this.editor(path).locator(".view-line", { hasText: /\S/ }).first().waitFor();
    await this.page.keyboard.press("Shift+F10");
    const menu = this.page.locator(".monaco-menu");
    const items = names.map((name) => menu.getByRole("menuitem", { name: new RegExp(`^${name}`) }));
    for (const [level, item] of items.entries()) {
      const next = items[level + 1];
      await item.waitFor();
      await expect // a menu that has just opened takes no click
        .poll(
          async () => {
            await item.click({ timeout: 2000 }).catch(() => undefined);
            return next ? next.isVisible() : !(await item.isVisible());
          },
          { interval: 500 },
        )
        .toBe(true);
    }
  }

  /** In the gutter, beside code that is in the model's window. */
  get marks(): Locator {
    return this.page.locator(".margin-view-overlays .cgmr, .glyph-margin-widgets .cgmr");
  }

  /** Into the editor that has the focus. Key by key, as brackets and indents are the editor's. */
  async type(text: string): Promise<void> {
    await this.page.locator(".monaco-editor.focused").waitFor();
    await this.page.keyboard.type(text);
  }

  async chooseTheme(name: string): Promise<void> {
    await this.command("Preferences: Color Theme");
    await this.pick(name, name);
    await this.quickInput.waitFor({ state: "hidden" });
  }

  /** The dialog for files that browsers get. */
  async saveAs(path: string): Promise<void> {
    const input = this.quickInput.locator("input").first();
    await input.waitFor();
    let before = "";
    await expect // it puts in a name of its own when it is ready, over whatever stands there
      .poll(
        async () => {
          const settled = before === path && (await input.inputValue()) === path;
          await input.fill(path);
          before = await input.inputValue();
          return settled;
        },
        { interval: 500 },
      )
      .toBe(true);
    await input.press("Enter");
    await this.quickInput.waitFor({ state: "hidden" });
  }

  /** Where the editor asks whether the extension may use a model, it may. */
  async allow(until: Locator): Promise<void> {
    const yes = this.dialog.getByRole("button", { name: "Allow" });
    await expect.poll(async () => (await yes.isVisible()) || (await until.isVisible())).toBe(true);
    if (await yes.isVisible()) {
      await yes.click();
    }
  }

  async trust(): Promise<void> {
    await this.status.getByRole("button", { name: /Restricted Mode/ }).click();
    await this.page.locator(".workspace-trust-editor").getByRole("button", { name: "Trust", exact: true }).first().click();
  }

  async askEditorsChat(question: string): Promise<void> {
    await this.page.keyboard.press("Control+Alt+I");
    const input = this.page.locator(".interactive-input-part .monaco-editor").first();
    await input.click();
    await this.page.keyboard.type(question);
    await this.page.keyboard.press("Escape");
    await this.page.keyboard.press("Enter");
  }

  private async ready(): Promise<void> {
    await this.page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
    const empty = this.page.getByText("You have not yet added a folder");
    for (let tries = 0; tries < 3 && this.url.includes("workspace=") && (await appears(empty, 5000)); tries += 1) {
      await this.page.reload(); // a busy machine reads the file of a workspace too late
      await this.page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
    }
    await this.item.waitFor({ timeout: 60_000 });
  }

  /** The index is there, so the server is. */
  async indexed(): Promise<void> {
    await expect.poll(() => this.spoken()).toMatch(/ready$|of the window used$/);
  }
}

/** Whether something is there within some milliseconds. */
function appears(what: Locator, patience: number): Promise<boolean> {
  return what.waitFor({ timeout: patience }).then(() => true, () => false);
}
