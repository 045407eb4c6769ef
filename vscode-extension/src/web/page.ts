/** What the page shows beside the panel: code that was opened, a link that may be followed, lines for the reader. */

import type { Place } from "../chat/backend";

export interface Shown {
  code: Place | null;
  link: string;
  messages: readonly string[];
}

const MOST_MESSAGES = 3;

export class Page {
  shown: Shown = { code: null, link: "", messages: [] };
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

  tell(line: string): void {
    const others = this.shown.messages.filter((one) => one !== line);
    this.show({ messages: [...others, line].slice(-MOST_MESSAGES) });
  }

  dismiss(line: string): void {
    this.show({ messages: this.shown.messages.filter((one) => one !== line) });
  }
}
