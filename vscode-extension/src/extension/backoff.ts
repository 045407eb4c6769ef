/** How long to wait before a server that ended is started again: 1, 2, 4 … seconds, and no more than five times. */

const MOST = 5;
const WITHIN = 3 * 60_000;

export class Backoff {
  private ends: number[] = [];

  /** Milliseconds, or null where it ends too often. */
  next(now: number): number | null {
    this.ends = [...this.ends.filter((end) => now - end < WITHIN), now];
    return this.ends.length > MOST ? null : 1000 * 2 ** (this.ends.length - 1);
  }

  forgive(): void {
    this.ends = [];
  }
}
