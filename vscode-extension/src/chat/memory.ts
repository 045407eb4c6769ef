/** The main context of the session that is shown, as the server has it: read again whenever pages come or go. */

import type { AskEvent, Context, Requests } from "../protocol";
import type { MemoryView } from "./contract";
import type { Backend } from "./backend";
import { Patience } from "./patience";

const PAUSE = 200;
export const NO_MEMORY: MemoryView = { context: null, parts: {}, window: 0 };

export interface Session {
  root: string;
  session: string;
}

/** What blocks there are is the server's to say. */
export type BlockName = Requests["memls/block"][0]["name"];

export type Edit =
  | ["memls/pin" | "memls/unpin" | "memls/evict", { page: string }]
  | ["memls/page_in", { targets: string[] }]
  | ["memls/block", { name: BlockName; text: string }];

export class Memory {
  view: MemoryView = NO_MEMORY;
  private readonly soon = new Patience(PAUSE);
  private latest = 0;

  constructor(
    private readonly backend: Backend,
    private readonly shown: () => Session | null,
    private readonly take: (view: MemoryView) => void,
  ) {}

  /** Another session is shown, or none. */
  clear(): void {
    this.latest++;
    this.set(NO_MEMORY);
  }

  heard(event: AskEvent): void {
    if (event.type === "usage") {
      this.set({ ...this.view, parts: event.parts, window: event.window });
    } else if (event.type === "page_in" || event.type === "page_out") {
      this.refreshSoon();
    }
  }

  refreshSoon(): void {
    this.soon.call(() => this.refresh());
  }

  async refresh(): Promise<void> {
    const shown = this.shown();
    const number = ++this.latest;
    if (!shown) {
      return;
    }
    const { root, session } = shown;
    const found = await this.backend.request("memls/context", { root, session }).catch(() => null);
    if (found && number === this.latest) {
      this.show(found);
    }
  }

  /** Rejects with what the server has against it. */
  async edit(where: Session, ...[method, what]: Edit): Promise<void> {
    const number = ++this.latest;
    const found = await this.backend.request(method, { ...where, ...what });
    if (number === this.latest) {
      this.show(found);
    }
  }

  private show(context: Context): void {
    const given: Partial<Context> = context; // nothing is in it before the index is open, and parts came later
    if (given.session) {
      this.set({ context, parts: given.parts ?? this.view.parts, window: context.window || this.view.window });
    }
  }

  private set(view: MemoryView): void {
    this.view = view;
    this.take(view);
  }
}
