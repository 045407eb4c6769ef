/** How the window is filled: one bar, and the numbers to it. */

import type { ComponentChild } from "preact";
import type { MemoryView } from "../../chat/contract";
import { PARTS, count } from "../words";
import { name } from "../plain";

export interface Fill {
  window: number;
  /** What a request holds; what is kept free for its reply is not in it. */
  used: number;
  parts: { part: string; label: string; tokens: number }[];
}

const ORDER = Object.keys(PARTS);

/** The parts in their order in the window, those that nobody knows yet after them. */
export function fill({ parts, window, context }: MemoryView): Fill {
  const known = Object.entries(parts).filter(([, tokens]) => tokens > 0);
  const place = (part: string): number => (ORDER.includes(part) ? ORDER.indexOf(part) : ORDER.length - 1.5);
  const sorted = known.sort(([one], [other]) => place(one) - place(other));
  const sent = sorted.filter(([part]) => part !== "reserve");
  const used = sent.length ? sent.reduce((sum, [, tokens]) => sum + tokens, 0) : (context?.tokens ?? 0);
  return { window, used, parts: sorted.map(([part, tokens]) => ({ part, label: PARTS[part] ?? name(part), tokens })) };
}

export function share({ used, window }: Fill): number {
  return window ? Math.round((100 * used) / window) : 0;
}

/** Used, and kept free for the reply. */
function taken({ parts }: Fill): number {
  return parts.reduce((sum, { tokens }) => sum + tokens, 0);
}

export function Bar({ full }: { full: Fill }): ComponentChild {
  const whole = Math.max(full.window, taken(full), 1);
  return (
    <div class="meter-bar" aria-hidden="true">
      {full.parts.map(({ part, tokens }) => (
        <div key={part} class={`part ${kind(part)}`} style={{ width: `${(100 * tokens) / whole}%` }} />
      ))}
    </div>
  );
}

export function Meter({ memory }: { memory: MemoryView }): ComponentChild {
  const full = fill(memory);
  if (!full.window) {
    return <p class="dim">Nothing is in the window yet.</p>;
  }
  const free = full.window - taken(full);
  return (
    <div class="meter">
      <p class="meter-sum">
        <strong>{`${share(full)} %`}</strong>
        {` of ${count(full.window, "token")}`}
        {free < 0 && <span class="bad">{` · ${count(-free, "token")} too many`}</span>}
      </p>
      <Bar full={full} />
      <ul class="legend">
        {full.parts.map(({ part, label, tokens }) => (
          <li key={part}>
            <span class={`swatch part ${kind(part)}`} />
            <span>{label}</span>
            <span class="number">{tokens.toLocaleString("en")}</span>
          </li>
        ))}
        {free > 0 && (
          <li>
            <span class="swatch part" />
            <span>Free</span>
            <span class="number">{free.toLocaleString("en")}</span>
          </li>
        )}
      </ul>
    </div>
  );
}

/** A class that the style sheet knows, whatever the part is called. */
function kind(part: string): string {
  return `part-${ORDER.includes(part) ? part : "other"}`;
}
