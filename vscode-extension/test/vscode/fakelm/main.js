// A language model of the editor whose answers are known: it reads lines once, then cites them.
const vscode = require("vscode");

const CALL = { name: "page_in", input: { targets: ["starlette/concurrency.py:36-38"] } };
const ANSWER = "The editor's model says: `run_in_threadpool` runs it in a thread [starlette/concurrency.py:36-38].";

const MODEL = {
  id: "echo", name: "Echo", family: "echo", version: "1",
  maxInputTokens: 8000, maxOutputTokens: 1000, capabilities: { toolCalling: true },
};

exports.activate = (context) => context.subscriptions.push(vscode.lm.registerLanguageModelChatProvider("fakelm", {
  provideLanguageModelChatInformation: () => [MODEL],
  provideLanguageModelChatResponse: async (_model, messages, options, progress) => {
    const parts = messages.flatMap((message) => message.content);
    const read = parts.some((part) => part instanceof vscode.LanguageModelToolResultPart);
    if (options.tools?.length && !read) {
      progress.report(new vscode.LanguageModelToolCallPart("call_1", CALL.name, CALL.input));
      return;
    }
    for (const word of ANSWER.split(/(?<= )/)) {
      progress.report(new vscode.LanguageModelTextPart(word));
    }
  },
  provideTokenCount: async (_model, text) => Math.ceil(JSON.stringify(text).length / 4),
}));
