/** Tools for the agents of the editor: search, read, and an answer with checked citations. */

import * as vscode from "vscode";
import type { Backend } from "../chat/backend";
import type { Controller } from "../chat/controller";
import { sessionName } from "../chat/names";
import type { Requests } from "../protocol";

interface Tools {
  backend: Backend;
  controller: Controller;
  start(): Promise<void>;
}

const MOST_LINES = 400;

export function registerTools(tools: Tools): vscode.Disposable {
  const lm = (vscode as Partial<typeof vscode>).lm as Partial<typeof vscode.lm> | undefined;
  const register = lm?.registerTool;
  if (typeof register !== "function") {
    return new vscode.Disposable(() => undefined);
  }
  const tool = <T>(name: string, says: (input: T) => string, run: (input: T, signal: AbortSignal) => Promise<string>): vscode.Disposable =>
    register(name, {
      prepareInvocation: ({ input }) => ({ invocationMessage: says(input as T) }),
      invoke: async ({ input }, token) => {
        const abort = new AbortController();
        token.onCancellationRequested(() => { abort.abort(); });
        await tools.start();
        const text = await run(input as T, abort.signal);
        return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
      },
    });
  return vscode.Disposable.from(
    tool<Search>("memls_search", ({ query }) => `Searching the index for ${query}`, (input, signal) => search(tools, input, signal)),
    tool<Read>("memls_read", ({ path }) => `Reading ${path}`, (input, signal) => read(tools, input, signal)),
    tool<Ask>("memls_ask", () => "Asking memls", (input, signal) => ask(tools, input, signal)),
  );
}

interface Search { query: string; kind?: Requests["memls/search"][0]["kind"]; path?: string; limit?: number }
interface Read { path: string; start?: number; end?: number }
interface Ask { question: string }

async function search({ backend, controller }: Tools, { query, kind, path, limit = 20 }: Search, signal: AbortSignal): Promise<string> {
  const params = { root: controller.state.root, query, limit, ...(kind ? { kind } : {}), ...(path ? { path } : {}) };
  const { hits, total, near } = await backend.request("memls/search", params, signal);
  if (!hits.length) {
    return near.length ? `Nothing is named ${query}. Near names: ${near.join(", ")}` : `Nothing found for ${query}.`;
  }
  const rows = hits.map((hit) => `${hit.path}:${hit.line}-${hit.end_line} ${hit.kind} ${hit.symbol} ${hit.text.trim()}`);
  return [...rows, ...(total > hits.length ? [`${hits.length} of ${total} shown`] : [])].join("\n");
}

async function read({ backend, controller }: Tools, { path, start = 1, end = start + MOST_LINES - 1 }: Read, signal: AbortSignal): Promise<string> {
  const last = Math.min(end, start + MOST_LINES - 1);
  const found = await backend.request("memls/read", { root: controller.state.root, path, start, end: last }, signal);
  return `${found.path}:${found.start}-${found.end}\n${found.text}`;
}

async function ask({ backend, controller }: Tools, { question }: Ask, signal: AbortSignal): Promise<string> {
  const model = controller.asks();
  const params = { root: controller.state.root, question, session: sessionName(), ...(model === undefined ? {} : { model }) };
  const { answer, citations, model: by } = await backend.request("memls/ask", params, signal);
  const rows = citations.map((one) => `${one.path}:${one.start}-${one.end} ${one.status}`);
  return [answer, "", "Citations, as checked:", ...rows, `Answered by ${by}`].join("\n");
}
