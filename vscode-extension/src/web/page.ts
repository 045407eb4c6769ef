/** What the page shows beside the panel: code that was opened, questions of its own, lines for the reader. */

import type { Place } from "../chat/backend";
import type { ModelInfo } from "../protocol";

/** A model is chosen: the name that was chosen before, "" for the server's own, and what that is. */
export interface Choice {
  now: string;
  own: ModelInfo | null;
  /** With the name that is chosen now; null: it stays as it was. */
  done: (name: string | null) => void;
}

export interface Shown {
  code: Place | null;
  /** It may be followed. */
  link: string;
  choice: Choice | null;
  messages: readonly string[];
}

const MOST_MESSAGES = 3;

export class Page {
  shown: Shown = { code: null, link: "", choice: null, messages: [] };
  private readonly takers = new Set<() => void>();

  /** What had the focus when code was opened. */
  private opener: Element | null = null;

  constructor() {
    // Heard before the panel hears it, whose turn is when there is no code to close.
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing && this.shown.code) {
        event.preventDefault();
        this.close();
      }
    });
  }

  onShown(take: () => void): () => void {
    this.takers.add(take);
    return () => this.takers.delete(take);
  }

  show(part: Partial<Shown>): void {
    this.shown = { ...this.shown, ...part };
    this.takers.forEach((take) => { take(); });
  }

  open(place: Place): void {
    this.opener = document.activeElement;
    this.show({ code: place });
  }

  close(): void {
    this.show({ code: null });
  }

  /** The focus goes back to where it was before code was opened. */
  back(): void {
    const opener = this.opener instanceof HTMLElement && this.opener.isConnected && this.opener !== document.body ? this.opener : null;
    (opener ?? document.querySelector<HTMLElement>(".composer textarea"))?.focus();
    opener?.dispatchEvent(new PointerEvent("pointerleave")); // its card stays closed: the code was seen just now
    this.opener = null;
  }

  /** The name of the model that the reader chooses; null where he does not. */
  choose(now: string, own: ModelInfo | null): Promise<string | null> {
    return new Promise((resolve) => {
      const done = (name: string | null): void => {
        this.show({ choice: null });
        resolve(name);
      };
      this.show({ choice: { now, own, done } });
    });
  }

  tell(line: string): void {
    const others = this.shown.messages.filter((one) => one !== line);
    this.show({ messages: [...others, line].slice(-MOST_MESSAGES) });
  }

  dismiss(line: string): void {
    this.show({ messages: this.shown.messages.filter((one) => one !== line) });
  }
}
