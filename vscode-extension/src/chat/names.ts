/** Names of things: sessions, and regions of code. */

import type { Attachment } from "../protocol";

/** A name for a new session. The server would give it one too, but only with the answer. */
export function sessionName(): string {
  return `chat-${crypto.randomUUID().slice(0, 8)}`;
}

/** As `memls/page_in` takes it: `path:Symbol`, `path:start-end` or `path`. */
export function targetOf({ path, symbol, start, end }: Attachment): string {
  if (symbol) {
    return `${path}:${symbol}`;
  }
  return start ? `${path}:${String(start)}-${String(end ?? start)}` : path;
}

export function sameAttachment(one: Attachment, other: Attachment): boolean {
  return targetOf(one) === targetOf(other);
}
