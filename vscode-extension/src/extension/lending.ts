/** Lends the editor's model to the server: answers `memls/complete` through the Language Model API. */

import * as vscode from "vscode";
import type { LanguageClient } from "./client";

/** As an OpenAI-compatible endpoint gets it. */
export interface Completion {
  messages: Message[];
  tools: { function: { name: string; description?: string; parameters?: object } }[];
  max_completion_tokens: number;
  partialResultToken: string;
}

export interface Message {
  role: string;
  content?: string | null;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

export interface Reply {
  text: string;
  calls: { id: string; name: string; arguments: string }[];
}

export function lend(client: LanguageClient, model: () => vscode.LanguageModelChat | undefined): void {
  client.onRequest("memls/complete", async (params: Completion, token: vscode.CancellationToken) => {
    const chosen = model();
    if (!chosen) {
      throw new Error("this editor has no language model any more: choose another");
    }
    const told = (text: string): void => {
      void client.sendNotification("$/progress", { token: params.partialResultToken, value: { text } });
    };
    try {
      return await complete(chosen, params, told, token);
    } catch (error) {
      throw new Error(inWords(error, chosen.name), { cause: error });
    }
  });
}

async function complete(
  model: vscode.LanguageModelChat,
  { messages, tools }: Completion,
  told: (text: string) => void,
  token: vscode.CancellationToken,
): Promise<Reply> {
  const options: vscode.LanguageModelChatRequestOptions = {
    justification: "memls answers your question about this repository",
    tools: tools.map(({ function: { name, description = "", parameters = {} } }) => ({ name, description, inputSchema: parameters })),
  };
  const response = await model.sendRequest(asChat(messages), options, token);
  const reply: Reply = { text: "", calls: [] };
  for await (const part of response.stream) {
    if (part instanceof vscode.LanguageModelTextPart) {
      reply.text += part.value;
      told(part.value);
    } else if (part instanceof vscode.LanguageModelToolCallPart) {
      reply.calls.push({ id: part.callId, name: part.name, arguments: JSON.stringify(part.input) });
    }
  }
  return reply;
}

/** The editor's models know no system role: instructions come as the user's first words. */
export function asChat(messages: readonly Message[]): vscode.LanguageModelChatMessage[] {
  return messages.map(({ role, content, tool_calls: calls, tool_call_id: id }) => {
    const text = content ?? "";
    if (role === "assistant") {
      const parts = (calls ?? []).map((call) => new vscode.LanguageModelToolCallPart(call.id, call.function.name, asObject(call.function.arguments)));
      return vscode.LanguageModelChatMessage.Assistant(text || !parts.length ? [new vscode.LanguageModelTextPart(text), ...parts] : parts);
    }
    if (role === "tool") {
      return vscode.LanguageModelChatMessage.User([new vscode.LanguageModelToolResultPart(id ?? "", [new vscode.LanguageModelTextPart(text)])]);
    }
    return vscode.LanguageModelChatMessage.User(text);
  });
}

function asObject(json: string): object {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

function inWords(error: unknown, model: string): string {
  if (error instanceof vscode.LanguageModelError) {
    if (error.code === vscode.LanguageModelError.NoPermissions.name) {
      return `memls was not allowed to use ${model}: ask again and allow it, or choose another model`;
    }
    if (error.code === vscode.LanguageModelError.NotFound.name) {
      return `${model} is not there any more: choose another model`;
    }
    if (error.code === vscode.LanguageModelError.Blocked.name) {
      return `${model} refused: its quota is used up, or it declined the request`;
    }
  }
  return error instanceof Error ? error.message : String(error);
}
