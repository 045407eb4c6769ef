/** Errors of JSON-RPC as reasons, and versions compared. */

import { BackendError } from "../chat/backend";

const METHOD_NOT_FOUND = -32601;
const CANCELLED = new Set([-32800, -32802]);
/** Of the line itself: disposed with the request on it, closed, or not there. */
const GONE = new Set([-32097, -32099, -32098]);

export function reasonOf(error: unknown, running: boolean): BackendError {
  const code = (error as { code?: unknown } | null)?.code;
  const message = error instanceof Error ? error.message : String(error);
  if (typeof code === "number" && CANCELLED.has(code)) {
    return new BackendError("cancelled", message);
  }
  if (code === METHOD_NOT_FOUND) {
    return new BackendError("unknown", message);
  }
  const gone = !running || (typeof code === "number" && GONE.has(code));
  return new BackendError(gone ? "gone" : "refused", message);
}

/** Whether a version is before another. What follows the numbers (`rc1`, `+local`) does not count. */
export function isOlder(version: string, needed: string): boolean {
  const [mine, least] = [numbers(version), numbers(needed)];
  for (let at = 0; at < least.length; at++) {
    const difference = (mine[at] ?? 0) - (least[at] ?? 0);
    if (difference) {
      return difference < 0;
    }
  }
  return false;
}

function numbers(version: string): number[] {
  return (/^\d+(\.\d+)*/.exec(version)?.[0] ?? "0").split(".").map(Number);
}
