/**
 * The server at the other end of the line, and the way back to it: tried again and again when the line falls.
 *
 * A line is of one repository. Where a question runs on it, it is kept while another repository is shown, and taken
 * up again when one comes back.
 */

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

/** A repository, by the root that its requests name, and where its line leads. */
export interface Target {
  root: string;
  href: string;
}

export class Server implements Backend {
  server: ServerView = STARTING;
  private line: Line | null = null;
  /** The repository that `line` is of, or was; null while another is looked for. */
  private root: string | null = null;
  /** Of repositories that are not shown: what runs there goes on. */
  private readonly away = new Map<string, Line>();
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
    private readonly target: () => Promise<Target>,
    private readonly tell: (line: string) => void,
  ) {
    const back = (): void => {
      if (document.visibilityState === "visible") {
        [this.line, ...this.away.values()].forEach((line) => { line?.probe(); });
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

  /** Anew and at once, to the repository that is shown now. */
  connect(): void {
    this.failures = 0;
    this.was = false;
    this.leave();
    this.become(STARTING);
    void this.attempt();
  }

  async request<M extends Method>(method: M, params: Requests[M][0], signal?: AbortSignal): Promise<Requests[M][1]> {
    const { root, ...rest } = params;
    const line = root === undefined || root === this.root ? this.line : this.away.get(root);
    if (!line) {
      throw new BackendError("gone", "there is no connection to the server");
    }
    return (await line.request(method, rest, signal)) as Requests[M][1];
  }

  /** Lines on which nothing runs are closed, that of the repository that was shown too. */
  private leave(): void {
    if (this.line && this.root !== null) {
      this.away.set(this.root, this.line);
    }
    this.line = this.root = null;
    this.tidy();
  }

  private tidy(): void {
    this.away.forEach((line, root) => {
      if (!line.waitsFor("memls/ask")) {
        line.close();
        this.away.delete(root);
      }
    });
  }

  /** A line to it is among those that are away after this. */
  private async open({ root, href }: Target): Promise<void> {
    if (!this.away.has(root)) {
      const line = await Line.open(href, OPTIONS, {
        notified: (method, params) => { this.notified(root, method, params); },
        ended: () => { this.ended(root); },
      });
      this.away.set(root, line);
    }
  }

  private async attempt(): Promise<void> {
    clearTimeout(this.timer);
    const number = ++this.attempts;
    const isOld = (): boolean => number !== this.attempts;
    try {
      const target = await this.target();
      if (!isOld()) {
        await this.open(target);
      }
      if (isOld()) {
        this.tidy();
      } else {
        this.root = target.root;
        this.line = this.away.get(target.root) ?? null;
        this.away.delete(target.root);
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

  private ended(root: string): void {
    if (this.away.delete(root)) {
      return;
    }
    this.line = null;
    this.again("The connection to memls is lost");
  }

  private notified(root: string, method: string, params: unknown): void {
    if (method === "memls/event") {
      this.events.forEach((take) => { take(params as AskEvent); });
    } else if (method === "memls/changed" && root === this.root) {
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
