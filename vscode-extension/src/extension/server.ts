/** A server's life: found, started, started again when it ends, given up; and the line to it. */

import { mkdir } from "node:fs/promises";
import * as vscode from "vscode";
import type { Backend, Method } from "../chat/backend";
import { BackendError } from "../chat/backend";
import { reasonOf } from "../chat/reasons";
import type { ServerView } from "../chat/contract";
import type { AskEvent, Changed, Requests } from "../protocol";
import { Backoff } from "./backoff";
import type { LanguageClient, Setup } from "./client";
import { findServer, type Failure, type Found, type Launch } from "./finding";
import { asCalledHere } from "./naming";
import * as remedies from "./remedies";
import { isOlder } from "./versions";

export const NEEDED = "0.1.0";

/** What a server is started with, asked for anew at each start. */
export interface Start {
  folder: string;
  candidates(): AsyncIterable<Launch>;
  environment(): Promise<Record<string, string>>;
  setup: Pick<Setup, "options" | "middleware" | "ask">;
  /** Once for each client, before it is started. */
  wire: (client: LanguageClient) => void;
}

export class Server implements Backend, vscode.Disposable {
  server: ServerView = remedies.NOT_STARTED;
  /** What runs, for those that show it. */
  found: Found | null = null;
  private client: LanguageClient | null = null;
  private starting: Promise<void> | null = null;
  private readonly backoff = new Backoff();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private disposed = false;
  private readonly changes = new vscode.EventEmitter<ServerView>();
  private readonly events = new vscode.EventEmitter<AskEvent>();
  private readonly changed = new vscode.EventEmitter<Changed>();

  constructor(
    private readonly log: vscode.LogOutputChannel,
    private readonly given: Start,
  ) {}

  onServer(take: (server: ServerView) => void): () => void {
    return subscribed(this.changes, take);
  }

  onEvent(take: (event: AskEvent) => void): () => void {
    return subscribed(this.events, take);
  }

  onChanged(take: (changed: Changed) => void): () => void {
    return subscribed(this.changed, take);
  }

  /** The one start that is under way, if one is. */
  start(): Promise<void> {
    this.starting ??= this.startAnew()
      .catch((error: unknown) => { this.failed(error); })
      .finally(() => { this.starting = null; });
    return this.starting;
  }

  /** By the user's hand: earlier ends are forgiven. */
  async restart(): Promise<void> {
    this.backoff.forgive();
    await this.starting;
    await this.stop(remedies.STARTING);
    await this.start();
  }

  async stop(next = remedies.NOT_STARTED): Promise<void> {
    clearTimeout(this.timer);
    const client = this.client;
    this.client = null;
    if (client) {
      this.become(next);
      await client.dispose().catch(() => undefined); // it may be gone already
    }
  }

  async request<M extends Method>(method: M, params: Requests[M][0], signal?: AbortSignal): Promise<Requests[M][1]> {
    const source = new vscode.CancellationTokenSource();
    const cancel = (): void => { source.cancel(); };
    signal?.addEventListener("abort", cancel);
    try {
      return await this.send<Requests[M][1]>(method, params, source.token);
    } finally {
      signal?.removeEventListener("abort", cancel);
      source.dispose();
    }
  }

  /** Any request, also of LSP itself. Rejects with a `BackendError`. */
  async send<T>(method: string, params: unknown, token?: vscode.CancellationToken): Promise<T> {
    const client = this.client;
    if (!client || this.server.state !== "ready") {
      throw new BackendError("gone", "the server does not run");
    }
    try {
      return await client.sendRequest<T>(method, params, token);
    } catch (error) {
      const { failure, message } = reasonOf(error, client === this.client && client.isRunning());
      throw new BackendError(failure, asCalledHere(message));
    }
  }

  /** Its settings are others now. */
  tell(): void {
    const settings = { memls: this.given.setup.options() };
    void this.client?.sendNotification("workspace/didChangeConfiguration", { settings }).catch(() => undefined);
  }

  dispose(): void {
    this.disposed = true;
    void this.stop();
    [this.changes, this.events, this.changed].forEach((one) => { one.dispose(); });
  }

  private async startAnew(): Promise<void> {
    clearTimeout(this.timer);
    if (this.client || this.disposed) {
      return;
    }
    if (!vscode.workspace.workspaceFolders?.some((folder) => folder.uri.scheme === "file")) {
      this.become(remedies.NO_FOLDER);
      return;
    }
    if (this.server.state !== "restarting") {
      this.become(remedies.STARTING);
    }
    await mkdir(this.given.folder, { recursive: true });
    const found = await findServer(this.given.candidates(), this.given.folder);
    if (Array.isArray(found)) {
      this.notFound(found);
    } else if (isOlder(found.version, NEEDED)) {
      this.become(remedies.tooOld(found.version, NEEDED));
    } else {
      await this.launch(found);
    }
  }

  private async launch(found: Found): Promise<void> {
    const { command, args, origin } = found.launch;
    this.log.info(`memls ${found.version}, ${origin}: ${[command, ...args].join(" ")} lsp`);
    const { makeClient, State } = await import("./client");
    const { folder, setup, wire } = this.given;
    const environment = await this.given.environment();
    const client = makeClient({ found, folder, environment, log: this.log, ...setup });
    client.onNotification("memls/event", (event: AskEvent) => { this.events.fire(event); });
    client.onNotification("memls/changed", (changed: Changed) => { this.changed.fire(changed); });
    wire(client);
    this.client = client;
    this.found = found;
    try {
      await client.start();
    } catch (error) {
      this.client = null;
      this.failed(error);
      return;
    }
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Stopped && client === this.client) {
        this.ended();
      }
    });
    this.become(remedies.READY);
  }

  /** Nobody stopped it. */
  private ended(): void {
    this.client = null;
    const pause = this.backoff.next(Date.now());
    this.log.warn(pause === null ? "memls ended again: it is not started any more" : `memls ended; again in ${pause} ms`);
    if (pause === null) {
      this.become(remedies.givenUp());
      return;
    }
    this.become(remedies.restarting(pause));
    this.timer = setTimeout(() => void this.start(), pause);
  }

  private failed(error: unknown): void {
    this.log.error(`memls did not start: ${String(error)}`);
    this.become(remedies.failed(error instanceof Error ? error.message : String(error)));
  }

  private notFound(failures: Failure[]): void {
    for (const { launch, problem } of failures) {
      this.log.info(`${launch.origin} (${launch.command}): ${problem}`);
    }
    this.become(remedies.missing(failures));
  }

  private become(server: ServerView): void {
    this.server = server;
    if (!this.disposed) {
      this.changes.fire(server);
    }
  }
}

function subscribed<T>(emitter: vscode.EventEmitter<T>, take: (value: T) => void): () => void {
  const subscription = emitter.event(take);
  return () => { subscription.dispose(); };
}
