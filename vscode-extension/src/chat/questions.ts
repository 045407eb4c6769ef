/** What the panel asks and waits for: completions of `@`, lines of code, conversations by their words. */

import type { Mention } from "../protocol";
import type { Question, Update } from "./contract";
import type { Backend } from "./backend";
import { failed, inWords } from "./backend";
import type { Library } from "./library";

export async function reply(question: Question, root: string, backend: Backend, library: Library): Promise<Update> {
  const { id } = question;
  try {
    return { type: "reply", id, value: await found(question, root, backend, library) };
  } catch (error) {
    return { type: "reply", id, value: null, error: inWords(error) };
  }
}

function found(question: Question, root: string, backend: Backend, library: Library): Promise<unknown> {
  switch (question.name) {
    case "mentions": return mentions(question.params.query, root, backend);
    case "read": return backend.request("memls/read", { root, ...question.params });
    case "search_sessions": return library.find(root, question.params.query);
  }
}

async function mentions(query: string, root: string, backend: Backend): Promise<Mention[]> {
  try {
    return (await backend.request("memls/mentions", { root, query })).mentions;
  } catch (error) {
    if (!failed(error, "unknown") || !query) {
      throw error;
    }
  }
  const { hits } = await backend.request("memls/search", { root, query, kind: "symbol", limit: 20 });
  return hits.map((hit) => ({ ...hit, start: hit.line, end: hit.end_line, detail: `${hit.kind}, ${hit.path}` }));
}
