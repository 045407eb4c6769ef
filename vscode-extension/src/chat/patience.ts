/** Work that is asked for often and done once, a moment later. */

export class Patience {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly pause: number) {}

  /** The first call starts the clock, so that a steady stream of calls is answered all the same. */
  call(work: () => Promise<void> | void): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void work();
    }, this.pause);
  }

  cancel(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
