/**
 * The state as the controller told it last, and the way back to the controller.
 *
 * Updates may come faster than frames: those who listen hear of them once a frame.
 */

import type { Action, Question, Questions, State, Transport, Update } from "../chat/contract";
import { apply } from "../chat/apply";

/** What is no state: a wish for the cursor, or a draft to begin with. */
export type Wish = Extract<Update, { type: "focus" | "draft" }>;

interface Waiting {
  resolve: (value: never) => void;
  reject: (error: Error) => void;
}

/** Milliseconds after which news are shown where no frame comes, since the page is hidden. */
const UNSEEN = 250;

export class Store {
  state: State | null = null;
  /** What the input was wished to do, until it does it: a wish may come before the input is there. */
  wish: Wish | null = null;
  private readonly listeners = new Set<() => void>();
  private readonly wishes = new Set<() => void>();
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;
  private due = false;

  constructor(private readonly transport: Transport) {}

  /** Gives back how to stop. */
  start(): () => void {
    const stop = this.transport.listen((update) => { this.take(update); });
    this.transport.send({ type: "ready" });
    return stop;
  }

  send(action: Action): void {
    this.transport.send(action);
  }

  ask<K extends keyof Questions>(name: K, params: Questions[K][0]): Promise<Questions[K][1]> {
    const id = ++this.asked;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve, reject });
      this.transport.send({ type: "question", id, name, params } as Question);
    });
  }

  /** Called once a frame in which the state is another. Gives back how to stop. */
  onState(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onWish(listener: () => void): () => void {
    this.wishes.add(listener);
    return () => this.wishes.delete(listener);
  }

  private take(update: Update): void {
    if (update.type === "reply") {
      this.settle(update);
    } else if (update.type === "focus" || update.type === "draft") {
      this.wish = update;
      this.wishes.forEach((listener) => { listener(); });
    } else if (update.type === "state") {
      this.state = update.state;
      this.changed();
    } else if (this.state) {
      this.state = apply(this.state, update);
      this.changed();
    }
  }

  private settle({ id, value, error }: Extract<Update, { type: "reply" }>): void {
    const one = this.waiting.get(id);
    this.waiting.delete(id);
    if (error !== undefined) {
      one?.reject(new Error(error));
    } else {
      one?.resolve(value as never);
    }
  }

  private changed(): void {
    if (this.due) {
      return;
    }
    this.due = true;
    const tell = (): void => {
      if (this.due) {
        this.due = false;
        this.listeners.forEach((listener) => { listener(); });
      }
    };
    if (document.visibilityState === "visible") {
      requestAnimationFrame(tell);
    }
    setTimeout(tell, UNSEEN);
  }
}
