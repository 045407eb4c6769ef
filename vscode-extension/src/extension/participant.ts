/** `@memls` in the editor's own chat, where there is one. */

import * as vscode from "vscode";
import type { Backend } from "../chat/backend";
import { inWords } from "../chat/backend";
import type { Controller } from "../chat/controller";
import { sessionName } from "../chat/names";
import type { Answer, AskEvent } from "../protocol";
import type { Files } from "./files";

export interface Chat {
  backend: Backend;
  controller: Controller;
  files: Files;
  icon: vscode.Uri;
  start(): Promise<void>;
}

interface Metadata {
  session: string;
}

const ID = "memls.chat";

export function registerParticipant(chat: Chat): { dispose(): unknown } {
  const api = (vscode as Partial<typeof vscode>).chat as Partial<typeof vscode.chat> | undefined;
  if (typeof api?.createChatParticipant !== "function") {
    return new vscode.Disposable(() => undefined);
  }
  const participant = api.createChatParticipant(ID, (request, context, stream, token) => answer(chat, request, context, stream, token));
  participant.iconPath = chat.icon;
  return participant;
}

async function answer(
  chat: Chat,
  request: vscode.ChatRequest,
  context: vscode.ChatContext,
  stream: vscode.ChatResponseStream,
  token: vscode.CancellationToken,
): Promise<vscode.ChatResult> {
  const session = sessionOf(context) ?? sessionName();
  const id = `participant ${session} ${Date.now()}`;
  const abort = new AbortController();
  token.onCancellationRequested(() => { abort.abort(); });
  const stop = chat.backend.onEvent((event) => {
    if (event.token === id) {
      report(event, stream);
    }
  });
  try {
    await chat.start();
    const { root } = chat.controller.state;
    const model = chat.controller.asks();
    const params = { root, question: request.prompt, session, token: id, attachments: referred(chat.files, request) };
    const result = await chat.backend.request("memls/ask", { ...params, ...(model === undefined ? {} : { model }) }, abort.signal);
    show(result, chat.files, stream);
  } catch (error) {
    return { metadata: { session }, ...(abort.signal.aborted ? {} : { errorDetails: { message: inWords(error) } }) };
  } finally {
    stop();
  }
  stream.button({ command: "memls.openConversation", title: "Open in memls", arguments: [session] });
  return { metadata: { session } satisfies Metadata };
}

/** The text comes whole at its end: what streams before may still be taken back. */
function report(event: AskEvent, stream: vscode.ChatResponseStream): void {
  if (event.type === "page_in") {
    stream.progress(`Reading ${event.page.symbol || event.page.path}`);
  } else if (event.type === "syscall") {
    stream.progress(`${event.name}: ${event.summary}`);
  }
}

function show(result: Answer, files: Files, stream: vscode.ChatResponseStream): void {
  stream.markdown(result.answer);
  const held = result.citations.filter((one) => one.status !== "unverified");
  if (held.length) {
    stream.markdown("\n\n---\n");
  }
  for (const { path, start, end, status } of held) {
    const uri = files.uri(path);
    if (uri && status !== "stale") {
      const location = new vscode.Location(uri, new vscode.Range(start - 1, 0, end - 1, 0));
      stream.anchor(location, `${path}:${start}-${end}`);
      stream.markdown("  \n");
      stream.reference(location);
    }
  }
}

function sessionOf(context: vscode.ChatContext): string | undefined {
  const turns = context.history.filter((turn) => turn instanceof vscode.ChatResponseTurn);
  return (turns.at(-1)?.result.metadata as Partial<Metadata> | undefined)?.session;
}

function referred(files: Files, request: vscode.ChatRequest): { path: string; start?: number; end?: number }[] {
  return request.references.flatMap(({ value }) => {
    const uri = value instanceof vscode.Location ? value.uri : value instanceof vscode.Uri ? value : null;
    const path = uri ? files.path(uri) : null;
    if (path === null) {
      return [];
    }
    return value instanceof vscode.Location ? [{ path, start: value.range.start.line + 1, end: value.range.end.line + 1 }] : [{ path }];
  });
}
