/** Waiting for a server that is on its way. */

import type { Backend } from "./backend";
import { BackendError } from "./backend";

export class Readiness {
  constructor(private readonly backend: Backend) {}

  /** Rejects where there will be none, and when it is no longer waited for. */
  wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const { state, message } = this.backend.server;
        if (signal?.aborted) {
          end(() => { reject(new BackendError("cancelled", "stopped")); });
        } else if (state === "ready") {
          end(resolve);
        } else if (state === "missing" || state === "failed") {
          end(() => { reject(new BackendError("refused", message || "There is no memls server.")); });
        }
      };
      const end = (settle: () => void): void => {
        stop();
        signal?.removeEventListener("abort", look);
        settle();
      };
      let stop = (): void => undefined;
      stop = this.backend.onServer(look);
      signal?.addEventListener("abort", look);
      look();
    });
  }
}
