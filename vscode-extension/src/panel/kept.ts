/** What the panel keeps for itself from one showing to the next: draft, place of reading, folds. */

import type { Transport } from "../chat/contract";

export type Place = "chat" | "window" | "sessions";

export interface View {
  draft: string;
  /** The turn that is being asked anew, if one is. */
  editing: string;
  place: Place;
  /** How far the conversation is scrolled; -1 at its end. */
  scroll: number;
  /** The session that `scroll` is about. */
  session: string;
  /** Folds that are not as they are by themselves. */
  folds: Record<string, boolean>;
  sort: string;
}

const FRESH: View = { draft: "", editing: "", place: "chat", scroll: -1, session: "", folds: {}, sort: "use" };
const PAUSE = 150;
const MOST_FOLDS = 200;

export class Kept {
  readonly view: View;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly transport: Transport) {
    this.view = { ...FRESH, ...sound(transport.load()) };
    window.addEventListener("pagehide", () => { this.save(); });
    document.addEventListener("visibilitychange", () => { this.save(); });
  }

  keep(part: Partial<View>): void {
    Object.assign(this.view, part);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.save(); }, PAUSE);
  }

  fold(name: string, open: boolean): void {
    const { [name]: _, ...others } = this.view.folds;
    const kept = Object.entries(others).slice(1 - MOST_FOLDS);
    this.keep({ folds: { ...Object.fromEntries(kept), [name]: open } });
  }

  private save(): void {
    clearTimeout(this.timer);
    this.transport.save({ ...this.view });
  }
}

/** The parts of what was kept that are of the right kind: an older version of the panel may have kept it. */
function sound(kept: unknown): Partial<View> {
  if (typeof kept !== "object" || kept === null) {
    return {};
  }
  const fits = ([name, value]: [string, unknown]): boolean =>
    name in FRESH && typeof value === typeof FRESH[name as keyof View] && value !== null;
  return Object.fromEntries(Object.entries(kept).filter(fits));
}
