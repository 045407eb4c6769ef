/** Errors of JSON-RPC as reasons. */

import { BackendError } from "./backend";

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
