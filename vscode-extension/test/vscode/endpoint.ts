/** The model's endpoint, over real HTTP, with the answers that a test gives it. */

import { join } from "node:path";
import { Child } from "./child";
import { python } from "./machine";
import { until } from "./until";

/** One answer: the fields of `Turn` in tests/endpoint.py that are used here. */
export interface Reply {
  text?: string;
  calls?: [name: string, parameters: unknown][];
  /** Seconds before each chunk. */
  pause?: number;
  status?: number;
  message?: string;
}

export interface Asked {
  model: string;
  messages: { role: string; content?: string | null }[];
}

export class Endpoint {
  readonly asked: Asked[] = [];
  /** How often a client hung up before its answer was sent. */
  left = 0;
  private told = 0;
  private child: Child | null = null;

  constructor(private readonly port: number) {}

  async start(): Promise<void> {
    let ready = false;
    this.child = new Child(python(), [join(import.meta.dirname, "endpoint.py"), String(this.port)], process.env, import.meta.dirname);
    this.child.lines((line) => {
      const { event, ...rest } = JSON.parse(line) as { event: string } & Asked;
      ready ||= event === "ready";
      this.left += Number(event === "left");
      this.told += Number(event === "told");
      if (event === "request") {
        this.asked.push(rest);
      }
    });
    await until("the endpoint listens", () => ready || (!this.child?.running && this.fail()));
  }

  /** What it answers from now on, in order. */
  async script(...replies: (Reply | string)[]): Promise<void> {
    const before = this.told;
    this.child?.write(JSON.stringify(replies.map((reply) => (typeof reply === "string" ? { text: reply } : reply))));
    await until("the endpoint has its script", () => this.told > before);
  }

  /** From now on it answers nobody without this key. */
  async require(key: string): Promise<void> {
    const before = this.told;
    this.child?.write(JSON.stringify(key));
    await until("the endpoint has its key", () => this.told > before);
  }

  /** What it was asked so far. */
  forget(): void {
    this.asked.length = 0;
    this.left = 0;
  }

  async stop(): Promise<void> {
    await this.child?.end();
    this.child = null;
  }

  private fail(): never {
    throw new Error(`the endpoint ended: ${this.child?.said ?? ""}`);
  }
}
