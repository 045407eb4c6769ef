/**
 * Citations that stay true: whenever files change, those that lean on them are checked again, so that they turn
 * stale or moved while the reader looks at them. What the answer gave is checked, not what was found the last time.
 */

import type { Changed, Citation } from "../protocol";
import type { TurnView } from "./contract";
import type { Backend } from "./backend";
import { Patience } from "./patience";

const PAUSE = 250;

export class Freshness {
  private readonly soon = new Patience(PAUSE);
  private paths = new Set<string>();
  private all = false;

  constructor(
    private readonly backend: Backend,
    private readonly shown: () => { root: string; turns: readonly TurnView[]; put(turn: TurnView): void } | null,
  ) {}

  changed(changed: Changed): void {
    this.all ||= changed.all;
    changed.paths.forEach((path) => this.paths.add(path));
    this.soon.call(() => this.check());
  }

  /** A conversation came into sight: nobody watched its files until now. */
  shownAnew(): Promise<void> {
    this.all = true;
    return this.check();
  }

  private async check(): Promise<void> {
    const { paths, all, shown } = this;
    this.paths = new Set();
    this.all = false;
    const conversation = shown();
    const turns = (conversation?.turns ?? []).filter((turn) => all || leansOn(turn, paths));
    const given = turns.map((turn) => turn.result?.citations ?? []);
    if (!conversation || !given.some((citations) => citations.length)) {
      return;
    }
    const answer = await this.backend
      .request("memls/verify", { root: conversation.root, citations: given.flat() })
      .catch(() => null); // an older server, or none: the marks stay as the answer gave them
    let at = 0;
    for (const [n, turn] of turns.entries()) {
      const count = given[n]?.length ?? 0;
      const now = answer?.citations.slice(at, at + count) ?? [];
      at += count;
      if (now.length === count && differ(turn.citations, now) && conversation.turns.includes(turn)) {
        conversation.put({ ...turn, citations: now });
      }
    }
  }
}

function leansOn(turn: TurnView, paths: ReadonlySet<string>): boolean {
  const first = turn.result?.citations ?? [];
  return [...first, ...turn.citations].some((citation) => paths.has(citation.path));
}

function differ(before: readonly Citation[], now: readonly Citation[]): boolean {
  return JSON.stringify(before) !== JSON.stringify(now);
}
