/** The server at the other end of the line, and the way back to it: tried again and again when the line falls. */

import type { Backend, Method } from "../chat/backend";
import { BackendError, failed } from "../chat/backend";
import type { ServerView } from "../chat/contract";
import type { AskEvent, Changed, Requests } from "../protocol";
import { Line } from "./line";

/** Seconds before each new attempt; the last one again and again. */
const PAUSES = [1, 2, 4, 8, 15, 30];
const OPTIONS = { notifications: { changed: true } };

const STARTING: ServerView = { state: "starting", message: "Connecting…", remedies: [] };
const READY: ServerView = { state: "ready", message: "", remedies: [] };
const NOW = { label: "Connect now", remedy: "retry" };
const RETRY = { label: "Try again", remedy: "retry" };

export class Server implements Backend {
  server: ServerView = STARTING;
  private line: Line | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  /** In a row. */
  private failures = 0;
  private was = false;
  private readonly views = new Set<(server: ServerView) => void>();
  private readonly events = new Set<(event: AskEvent) => void>();
  private readonly changes = new Set<(changed: Changed) => void>();

  constructor(
    /** Asked for anew at each attempt. Rejects with `refused` where there is no use in trying. */
    private readonly address: () => Promise<string>,
    private readonly tell: (line: string) => void,
  ) {
    const back = (): void => {
      if (document.visibilityState === "visible") {
        this.line?.probe();
        if (this.server.state === "restarting") {
          void this.attempt();
        }
      }
    };
    window.addEventListener("online", back);
    document.addEventListener("visibilitychange", back);
  }

  onServer(take: (server: ServerView) => void): () => void {
    return added(this.views, take);
  }

  onEvent(take: (event: AskEvent) => void): () => void {
    return added(this.events, take);
  }

  onChanged(take: (changed: Changed) => void): () => void {
    return added(this.changes, take);
  }

  /** Anew and at once; what runs is stopped. */
  connect(): void {
    this.failures = 0;
    this.was = false;
    this.line?.close();
    this.line = null;
    this.become(STARTING);
    void this.attempt();
  }

  async request<M extends Method>(method: M, params: Requests[M][0], signal?: AbortSignal): Promise<Requests[M][1]> {
    if (!this.line) {
      throw new BackendError("gone", "there is no connection to the server");
    }
    const { root: _, ...rest } = params; // a line is of one repository
    return (await this.line.request(method, rest, signal)) as Requests[M][1];
  }

  private async attempt(): Promise<void> {
    clearTimeout(this.timer);
    const number = ++this.attempts;
    const isOld = (): boolean => number !== this.attempts;
    try {
      const address = await this.address();
      const line = isOld() ? null : await Line.open(address, OPTIONS, this);
      if (isOld()) {
        line?.close();
      } else {
        this.line = line;
        this.failures = 0;
        this.was = true;
        this.become(READY);
      }
    } catch (error) {
      if (!isOld()) {
        this.failed(error);
      }
    }
  }

  private failed(error: unknown): void {
    if (failed(error, "refused")) {
      this.become({ state: "failed", message: (error as Error).message, remedies: [RETRY] });
      return;
    }
    this.again(this.was ? "The connection to memls is lost" : "memls does not answer");
  }

  private again(problem: string): void {
    const pause = PAUSES[Math.min(this.failures++, PAUSES.length - 1)] ?? 1;
    this.become({ state: "restarting", message: `${problem}; trying again in ${pause} s.`, remedies: [NOW] });
    this.timer = setTimeout(() => void this.attempt(), 1000 * pause);
  }

  // What the line says.

  ended(): void {
    this.line = null;
    this.again("The connection to memls is lost");
  }

  notified(method: string, params: unknown): void {
    if (method === "memls/event") {
      this.events.forEach((take) => { take(params as AskEvent); });
    } else if (method === "memls/changed") {
      this.changes.forEach((take) => { take(params as Changed); });
    } else if (method === "window/showMessage") {
      this.tell((params as { message: string }).message.replace(/^memls: /, ""));
    }
  }

  private become(server: ServerView): void {
    this.server = server;
    this.views.forEach((take) => { take(server); });
  }
}

function added<T>(takers: Set<T>, take: T): () => void {
  takers.add(take);
  return () => takers.delete(take);
}
