/** What the states of the gallery are made of. */

import type { TurnView } from "../../../src/chat/contract";
import type { Answer, Citation, CitationStatus, Context, Event, PageInfo, SessionInfo, Usage } from "../../../src/protocol";

export const ASKED = "2026-11-20T10:00:00Z";

export function page(number: number, part: Partial<PageInfo> = {}): PageInfo {
  const folders = ["django/db/models", "django/db", "django/core/handlers", "django/contrib/admin/templatetags"];
  const files = ["query.py", "utils.py", "base.py", "admin_list.py"];
  return {
    id: `p${number}`,
    path: `${folders[number % 4] ?? ""}/${files[number % 4] ?? ""}`,
    symbol: ["QuerySet._fetch_all", "ConnectionRouter.db_for_read", "BaseHandler.get_response", "result_hidden_fields"][number % 4] ?? "",
    start: 40 + 13 * number,
    end: 61 + 13 * number,
    state: "resident",
    detail: number % 5 === 3 ? "outline" : "full",
    tokens: 120 + ((number * 337) % 900),
    pinned: number % 11 === 1,
    faults: number % 7 === 2 ? 1 : 0,
    last_use: number % 9,
    ...part,
  };
}

export function citation(path: string, start: number, end: number, status: CitationStatus, part: Partial<Citation> = {}): Citation {
  return { path, start, end, hash: "ab12", status, cited_start: start, cited_end: end, reason: "", ...part };
}

export const CITATIONS: Citation[] = [
  citation("django/db/utils.py", 198, 214, "verified"),
  citation("django/db/models/query.py", 1912, 1915, "verified"),
  citation("django/db/models/base.py", 842, 860, "moved", { cited_start: 830, cited_end: 848, reason: "the code moved" }),
  citation("django/db/models/manager.py", 77, 79, "stale", { reason: "the code changed after it was read" }),
  citation("django/db/backends/__init__.py", 12, 12, "unverified", { reason: "1 of these lines were never paged in" }),
];

export const ANSWER = `A query goes to the database that \`ConnectionRouter\` names. It asks each router in **DATABASE_ROUTERS** in turn and takes the first answer that is not \`None\` [django/db/utils.py:198-214]; without one it falls back to the instance's own database, else to \`default\`.

1. \`QuerySet.db\` decides between an explicit \`using()\` and the router [django/db/models/query.py:1912-1915].
2. Writing goes the same way through \`db_for_write\` in [django/db/models/base.py:830-848].
3. A manager may have been bound to a database before (\`django/db/models/manager.py:77-79\`).

\`\`\`python
class PrimaryReplicaRouter:
    """Reads go to a replica, writes to the primary."""

    def db_for_read(self, model, **hints):
        return random.choice(["replica1", "replica2"])  # any of them

    def db_for_write(self, model, **hints):
        return "primary" if model._meta.app_label != "audit" else None
\`\`\`

| step | function | what it decides |
| --- | --- | ---: |
| read | \`db_for_read\` | 1 alias |
| write | \`db_for_write\` | 1 alias |
| relation | \`allow_relation\` | yes or no |

See also [the documentation](https://docs.djangoproject.com/en/5.2/topics/db/multi-db/). Whether third-party backends register their own router was not found; [django/db/backends/__init__.py:12] only names them.`;

export const USAGE: Usage = {
  prompt_tokens: 9216,
  completion_tokens: 412,
  peak_prompt_tokens: 4210,
  cached_prefix_ratio: 0.62,
  window: 16384,
  steps: 4,
  faults: 1, cost: null, summaries: 0,
};

export const STEPS: Event[] = [
  { type: "syscall", name: "find", arguments: { query: "which database does a query go to" }, ok: true, summary: "12 of 48 matches" },
  { type: "page_in", page: page(1) },
  { type: "usage", step: 1, prompt_tokens: 2100, window: 16384, parts: { instructions: 620, blocks: 80, queue: 400, pages: 1000, reserve: 1024 } },
  { type: "syscall", name: "references", arguments: { symbol: "ConnectionRouter.db_for_read", kind: "callers" }, ok: true, summary: "7 callers of ConnectionRouter.db_for_read" },
  { type: "page_in", page: page(4, { tokens: 812 }) },
  { type: "page_in", page: page(7, { detail: "outline", symbol: "" }) },
  { type: "interrupt", kind: "files", text: "django/db/models/manager.py changed; its page shows the new text" },
  { type: "page_out", page: page(1), reason: "to make room: used last 3 steps ago" },
  { type: "syscall", name: "page_in", arguments: { targets: ["django/db/router.py"] }, ok: false, summary: "no file django/db/router.py; near: django/db/utils.py" },
  { type: "page_in", page: page(9) },
];

export function result(part: Partial<Answer> = {}): Omit<Answer, "answer"> {
  const { answer: _, ...rest } = {
    answer: "",
    status: "answered" as const,
    citations: CITATIONS,
    usage: USAGE,
    pages: [],
    model: "qwen3-coder-30b",
    session: "s1",
    generation: 3,
    notes: [],
    ...part,
  };
  return rest;
}

export function turn(id: string, part: Partial<TurnView> = {}): TurnView {
  return {
    id,
    number: 1,
    question: "Which database does a query go to, and who decides?",
    attachments: [],
    state: "answered",
    text: ANSWER,
    steps: STEPS,
    citations: CITATIONS,
    result: result(),
    failure: "",
    took: 8100,
    asked: ASKED,
    ...part,
  };
}

export function context(pages: PageInfo[], part: Partial<Context> = {}): Context {
  return {
    session: "s1",
    running: false,
    window: 16384,
    tokens: 9300,
    parts: { instructions: 620, blocks: 180, queue: 2410, pages: 5066, reserve: 1024 },
    blocks: {
      task: "The user wants to know how routing works. Found: ConnectionRouter in django/db/utils.py:198-214.",
      project: "Django 5.2; tests run with runtests.py.",
      user: "",
    },
    block_limits: { task: 700, project: 500, user: 300 },
    summary: "Asked first about migrations: MigrationExecutor.migrate applies plans in order (django/db/migrations/executor.py:94-135).\nThen about signals: pre_save is sent in Model.save_base.",
    pages,
    ...part,
  };
}

export const SESSIONS: SessionInfo[] = [
  { name: "s1", title: "Which database does a query go to", used: "2026-11-22T09:50:00Z", messages: 14 },
  { name: "s2", title: "How are migrations ordered, and what happens when two leaf nodes conflict in the same application", used: "2026-11-21T09:00:00Z", messages: 4 },
  { name: "s3", title: "Where is CSRF checked", used: "2026-11-01T09:00:00Z", messages: 22 },
  { name: "s4", title: "", used: "2026-10-01T09:00:00Z", messages: 1 },
];
