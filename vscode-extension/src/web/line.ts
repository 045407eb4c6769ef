/** LSP over a WebSocket: one message of JSON-RPC in each message of text, without headers. */

import { BackendError } from "../chat/backend";
import { reasonOf } from "../chat/reasons";

/** Milliseconds in which a server has to be there, and to say who it is. */
const PATIENCE = 15_000;
/** Milliseconds in which a server that is there has answered anything. */
const SILENCE = 20_000;
const METHOD_NOT_FOUND = -32601;

export interface Hears {
  notified(method: string, params: unknown): void;
  /** Not by `close`. */
  ended(): void;
}

interface Message {
  id?: number | string | null;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { code?: unknown; message?: unknown };
}

interface Waiting {
  method: string;
  resolve: (result: unknown) => void;
  reject: (error: BackendError) => void;
}

export class Line {
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;
  private greeted = false;
  private closed = false;

  private constructor(
    private readonly socket: WebSocket,
    private readonly hears: Hears,
  ) {
    socket.addEventListener("message", ({ data }) => { this.take(data); });
    socket.addEventListener("close", () => { this.fell(); });
  }

  /** Rejects with a `BackendError`: `refused` where the server says why. */
  static async open(address: string, options: unknown, hears: Hears): Promise<Line> {
    const line = new Line(new WebSocket(address), hears);
    const timer = setTimeout(() => { line.socket.close(); }, PATIENCE);
    try {
      await line.opened();
      const given = { processId: null, rootUri: null, capabilities: {}, initializationOptions: options };
      await line.request("initialize", given);
      line.send({ method: "initialized", params: {} });
      line.greeted = true;
      return line;
    } catch (error) {
      line.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Aborting cancels it in the server, whose answer is waited for all the same. */
  request(method: string, params: unknown, signal?: AbortSignal): Promise<unknown> {
    if (this.closed) {
      return Promise.reject(gone());
    }
    const id = ++this.last;
    const cancel = (): void => { this.send({ method: "$/cancelRequest", params: { id } }); };
    const answer = new Promise((resolve, reject: (error: BackendError) => void) => {
      this.waiting.set(id, { method, resolve, reject });
      this.send({ id, method, params });
    });
    signal?.addEventListener("abort", cancel);
    return answer.finally(() => { signal?.removeEventListener("abort", cancel); });
  }

  /** Whether a request of that kind has no answer yet. */
  waitsFor(method: string): boolean {
    return [...this.waiting.values()].some((one) => one.method === method);
  }

  /** Whoever was at the other end may have gone without a word, while the machine slept or changed its network. */
  probe(): void {
    const timer = setTimeout(() => {
      this.fell();
      this.socket.close();
    }, SILENCE);
    this.request("memls/status", {}).catch(() => undefined).finally(() => { clearTimeout(timer); });
  }

  /** By our own wish: what waits for an answer is cancelled. */
  close(): void {
    this.settle(() => new BackendError("cancelled", "the connection was closed"));
    this.socket.close();
  }

  private opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.addEventListener("open", () => { resolve(); });
      this.socket.addEventListener("close", () => { reject(gone()); });
    });
  }

  private fell(): void {
    if (!this.closed) {
      this.settle(gone);
      if (this.greeted) {
        this.hears.ended();
      }
    }
  }

  private settle(error: () => BackendError): void {
    this.closed = true;
    this.waiting.forEach(({ reject }) => { reject(error()); });
    this.waiting.clear();
  }

  private send(message: Message): void {
    if (this.socket.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify({ jsonrpc: "2.0", ...message }));
    }
  }

  private take(data: unknown): void {
    const message = parsed(data);
    if (this.closed || !message) {
      return;
    }
    if (message.method === undefined) {
      this.answered(message);
    } else if (message.id === undefined) {
      this.hears.notified(message.method, message.params);
    } else {
      this.send({ id: message.id, error: { code: METHOD_NOT_FOUND, message: `not for a page: ${message.method}` } });
    }
  }

  private answered({ id, result, error }: Message): void {
    const one = this.waiting.get(Number(id));
    this.waiting.delete(Number(id));
    if (error) {
      one?.reject(reasonOf(Object.assign(new Error(String(error.message)), { code: error.code }), true));
    } else {
      one?.resolve(result);
    }
  }
}

function gone(): BackendError {
  return new BackendError("gone", "there is no connection to the server");
}

function parsed(data: unknown): Message | null {
  try {
    const message: unknown = JSON.parse(String(data));
    return typeof message === "object" && message !== null ? message : null;
  } catch {
    return null; // whoever it is, it speaks no JSON-RPC
  }
}
