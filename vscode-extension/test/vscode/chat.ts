import type { FrameLocator, Locator } from "playwright-core";

export class Chat {
  constructor(readonly frame: FrameLocator) {}

  get input(): Locator {
    return this.frame.getByRole("textbox").first();
  }
}
