/** The chat panel, by what a user does and sees in it. */

import type { FrameLocator, Locator, Page } from "playwright-core";
import { expect } from "vitest";

export class Chat {
  /** The panel is in a frame of an editor, or a page by itself. */
  constructor(readonly frame: FrameLocator | Page) {}

  get input(): Locator {
    return this.frame.getByRole("textbox", { name: "Question", exact: true });
  }

  get turns(): Locator {
    return this.frame.locator("article.turn");
  }

  get stop(): Locator {
    return this.frame.getByRole("button", { name: "Stop" });
  }

  get notice(): Locator {
    return this.frame.getByRole("region", { name: "State of memls" });
  }

  get chips(): Locator {
    return this.frame.getByRole("list", { name: "Code that goes along" }).getByRole("listitem");
  }

  get model(): Locator {
    return this.frame.getByRole("button", { name: /^Choose the model/ });
  }

  get title(): Locator {
    return this.frame.getByRole("button", { name: /^Conversations, now/ });
  }

  get meter(): Locator {
    return this.frame.getByRole("button", { name: /^The model’s window/ });
  }

  get pages(): Locator {
    return this.frame.getByRole("grid", { name: "Pages" }).getByRole("row");
  }

  get sessions(): Locator {
    return this.frame.locator(".session-list > li");
  }

  get card(): Locator {
    return this.frame.getByRole("tooltip");
  }

  button(name: string | RegExp): Locator {
    return this.frame.getByRole("button", { name });
  }

  async send(question: string): Promise<void> {
    await this.input.fill(question);
    await this.input.press("Enter");
  }

  /** Asks, and waits for the end. */
  async ask(question: string): Promise<Turn> {
    const before = await this.turns.count();
    await this.send(question);
    const turn = this.turn(before);
    await turn.expectEnd("answered");
    return turn;
  }

  turn(at: number): Turn {
    return new Turn(this.turns.nth(at));
  }

  async openMemory(): Promise<void> {
    await this.meter.click();
    await this.frame.getByRole("heading", { name: "The model’s window" }).waitFor();
  }

  async openSessions(): Promise<void> {
    await this.title.click();
    await this.frame.getByRole("heading", { name: "Conversations" }).waitFor();
  }
}

export class Turn {
  constructor(readonly place: Locator) {}

  get answer(): Locator {
    return this.place.locator(".answer");
  }

  get question(): Locator {
    return this.place.getByRole("heading", { level: 2 }).first();
  }

  /** Where the answer names code. */
  get cites(): Locator {
    return this.answer.locator("button.cite");
  }

  get failure(): Locator {
    return this.place.locator(".callout.error");
  }

  button(name: string): Locator {
    return this.place.getByRole("button", { name, exact: true });
  }

  async expectEnd(state: "answered" | "stopped" | "failed" | "incomplete"): Promise<void> {
    await expect.poll(async () => (await this.place.getAttribute("class")) ?? "", { timeout: 60_000 }).toMatch(/answered|stopped|failed|incomplete/);
    const seen = (await this.place.getAttribute("class")) ?? "";
    expect(seen, await this.place.innerText()).toContain(state);
  }
}
