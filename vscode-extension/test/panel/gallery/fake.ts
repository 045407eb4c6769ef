/**
 * The other end of the panel's line, in the page: a state to begin with, answers to its questions, and a record of
 * all that it sends. Tests reach it as `fake`.
 */

import type { Action, Question, State, Transport, Update } from "../../../src/chat/contract";
import { apply } from "../../../src/chat/apply";
import type { Mention } from "../../../src/protocol";
import { SESSIONS } from "./samples";
import { STATES } from "./states";
import { HOSTILE } from "./hostile";

const CODE = `    def _router_func(action):
        def _route_db(self, model, **hints):
            chosen_db = None
            for router in self.routers:
                try:
                    method = getattr(router, action)
                except AttributeError:
                    # If the router doesn't have a method, skip to the next one.
                    pass
                else:
                    chosen_db = method(model, **hints)
                    if chosen_db:
                        return chosen_db
            return DEFAULT_DB_ALIAS
`;

const MENTIONS: Mention[] = [
  { kind: "file", path: "django/db/router.py", symbol: "", start: 0, end: 0, detail: "" },
  { kind: "class", path: "django/db/utils.py", symbol: "ConnectionRouter", start: 186, end: 270, detail: "class, django/db/utils.py" },
  { kind: "method", path: "django/db/utils.py", symbol: "ConnectionRouter.db_for_read", start: 226, end: 226, detail: "method, django/db/utils.py" },
];

declare global {
  var fake: Fake;
}

export class Fake implements Transport {
  readonly sent: (Action | Question)[] = [];
  private readonly takers = new Set<(update: Update) => void>();
  private readonly key: string;

  constructor(public state: State, key: string) {
    this.key = `memls ${key}`;
  }

  send(message: Action | Question): void {
    this.sent.push(message);
    if (message.type === "ready") {
      this.tell({ type: "state", state: this.state });
    } else if (message.type === "question") {
      setTimeout(() => { this.tell({ type: "reply", id: message.id, value: answer(message) }); }, 5);
    } else {
      this.follow(message);
    }
  }

  listen(take: (update: Update) => void): () => void {
    this.takers.add(take);
    return () => this.takers.delete(take);
  }

  load(): unknown {
    return JSON.parse(sessionStorage.getItem(this.key) ?? "null");
  }

  save(view: unknown): void {
    sessionStorage.setItem(this.key, JSON.stringify(view));
  }

  tell(update: Update): void {
    this.state = apply(this.state, update);
    const sent = structuredClone(update); // nothing is shared, as with a webview
    this.takers.forEach((take) => { take(sent); });
  }

  /** What a controller would do at once. */
  private follow(action: Action): void {
    const { attachments } = this.state;
    if (action.type === "attach") {
      this.tell({ type: "slice", slice: { attachments: [...attachments, action.attachment] } });
    } else if (action.type === "detach") {
      const left = attachments.filter((one) => JSON.stringify(one) !== JSON.stringify(action.attachment));
      this.tell({ type: "slice", slice: { attachments: left } });
    }
  }
}

function answer(question: Question): unknown {
  switch (question.name) {
    case "mentions":
      return MENTIONS.filter(({ path, symbol }) => `${path} ${symbol}`.toLowerCase().includes(question.params.query.toLowerCase()));
    case "read":
      return { path: question.params.path, start: question.params.start, end: question.params.end, language: "python", text: CODE };
    case "search_sessions":
      return SESSIONS.filter(({ title }) => title.toLowerCase().includes(question.params.query.toLowerCase()));
  }
}

const name = new URLSearchParams(location.search).get("state") ?? "empty";
const state = { ...STATES, ...HOSTILE }[name];
if (!state) {
  throw new Error(`no state ${name}`);
}
globalThis.fake = new Fake(state, name);
globalThis.memlsTransport = globalThis.fake;
