/** Which repositories the server has. */

import { BackendError } from "../chat/backend";

const PATIENCE = 15_000;
const SIGN_IN = "This browser is not signed in, or not any more: open the address with `?token=` that `memls serve` printed.";

/** Their names; null where the server knows no such list, since it has one. Rejects with a `BackendError`. */
export async function repositories(address: string): Promise<string[] | null> {
  const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE), cache: "no-store" }).catch(() => null);
  if (answer?.status === 404) {
    return null;
  }
  if (answer?.status === 401 || answer?.status === 403 || answer?.redirected) {
    throw new BackendError("refused", SIGN_IN);
  }
  const names = answer?.ok ? namesIn(await answer.json().catch(() => null)) : null;
  if (!names) {
    throw new BackendError("gone", "the list of repositories cannot be read");
  }
  if (!names.length) {
    throw new BackendError("refused", "The server has no repository: start it with `memls serve --repo PATH`.");
  }
  return names;
}

function namesIn(list: unknown): string[] | null {
  return Array.isArray(list)
    ? list.map((one) => (one as { name?: unknown } | null)?.name).filter((name) => typeof name === "string")
    : null;
}
