/** How far the index is: asked again and again until it is there, and once whenever something may have changed. */

import type { Status } from "../protocol";
import type { Backend } from "./backend";

const PAUSE: Record<Status["state"], number> = { none: 0, opening: 300, indexing: 600, ready: 0, failed: 5000 };

export const NO_INDEX: Status = { state: "none", error: "", done: 0, total: 0 };

export class Indexing {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private root = "";

  constructor(
    private readonly backend: Backend,
    private readonly take: (status: Status) => void,
  ) {}

  async watch(root: string): Promise<void> {
    this.root = root;
    clearTimeout(this.timer);
    let status: Status;
    try {
      status = await this.backend.request("memls/status", { root });
    } catch {
      return; // the server's own state says why
    }
    if (root !== this.root) {
      return;
    }
    this.take(status);
    const pause = PAUSE[status.state];
    clearTimeout(this.timer);
    if (pause) {
      this.timer = setTimeout(() => void this.watch(root), pause);
    }
  }

  stop(): void {
    this.root = "";
    clearTimeout(this.timer);
  }
}
