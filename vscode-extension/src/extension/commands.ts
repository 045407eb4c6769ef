/** The commands of the palette and of the editor's menus. */

import * as vscode from "vscode";
import type { Controller } from "../chat/controller";
import type { Attachment } from "../protocol";
import type { Files } from "./files";
import type { Models } from "./models";
import type { Panel } from "./panel";
import type { Server } from "./server";

export interface Parts {
  controller: Controller;
  files: Files;
  models: Models;
  panel: Panel;
  server: Server;
  log: vscode.LogOutputChannel;
}

export function registerCommands(parts: Parts): vscode.Disposable {
  const all = Object.entries(commands(parts));
  return vscode.Disposable.from(...all.map(([name, run]) => vscode.commands.registerCommand(`memls.${name}`, run)));
}

/** A question of a lens or a code action of the server. */
export function asked(argument: unknown): { question: string; uri: string; start: number; end: number } | null {
  const { question, uri, range } = (argument ?? {}) as { question?: unknown; uri?: unknown; range?: { start?: { line?: unknown }; end?: { line?: unknown } } };
  if (typeof question !== "string") {
    return null;
  }
  const [start, end] = [Number(range?.start?.line ?? -1) + 1, Number(range?.end?.line ?? -1) + 1];
  return { question, uri: typeof uri === "string" ? uri : "", start, end };
}

/** Of several folders, the one that holds the file is asked about it, whichever the panel shows. */
export async function turnTo(controller: Controller, file: vscode.Uri | undefined): Promise<void> {
  const folder = file && vscode.workspace.getWorkspaceFolder(file);
  if (folder) {
    await controller.turnTo(folder.uri.toString());
  }
}

function commands(parts: Parts): Record<string, (...given: never[]) => unknown> {
  const { controller, files, models, panel, server, log } = parts;
  const selection = async (): Promise<Attachment | null> => {
    const editor = vscode.window.activeTextEditor;
    await turnTo(controller, editor?.document.uri);
    const found = files.around(editor);
    if (!found) {
      void vscode.window.showInformationMessage("memls: open a file of the repository first.");
    }
    return found;
  };
  return {
    focus: () => panel.focus(),
    askQuestion: (question?: unknown) => ask(parts, question),
    askSelection: async () => {
      const found = await selection();
      if (found) {
        await panel.focus();
        controller.attach(found, true);
      }
    },
    explainSelection: async () => {
      const found = await selection();
      if (found) {
        await panel.focus();
        await controller.ask(explaining(found), [found]);
      }
    },
    pageInSelection: async () => {
      const found = await selection();
      if (found) {
        await told(controller.pageIn([found]), `${found.path} is in the window.`);
      }
    },
    pageIn: () => pageIn(parts),
    newConversation: async () => {
      await panel.focus();
      controller.act({ type: "new" });
    },
    openConversation: async (session: string) => {
      await panel.focus();
      controller.act({ type: "open_session", session });
    },
    showContext: () => showContext(parts),
    reindex: () => told(server.request("memls/index", { root: controller.state.root, force: true }), "The index is built anew."),
    restart: () => server.restart(),
    showLog: () => { log.show(); },
    chooseModel: () => models.choose(),
    setApiKey: async () => {
      if (await models.setApiKey()) {
        await server.restart();
      }
    },
    openModelSettings: () => vscode.commands.executeCommand("workbench.action.openSettings", "@ext:memls.memls memls.model memls.baseUrl"),
    toggleMarks: () => {
      const given = vscode.workspace.getConfiguration("memls");
      return given.update("marks", !given.get("marks", true), vscode.ConfigurationTarget.Global);
    },
  };
}

function explaining({ path, start = 1, end = start }: Attachment): string {
  const lines = start === end ? `${path}:${start}` : `${path}:${start}-${end}`;
  return `Explain ${lines}: what it is for, how it works, and what it relies on.`;
}

async function ask({ controller, panel }: Parts, given: unknown): Promise<void> {
  const question = typeof given === "string"
    ? given
    : await vscode.window.showInputBox({ title: "memls", prompt: "Ask about this repository", ignoreFocusOut: true });
  if (question?.trim()) {
    await panel.focus();
    await controller.ask(question, controller.state.attachments);
  }
}

/** Quick open over what the index has. */
async function pageIn({ controller, server }: Parts): Promise<void> {
  const pick = vscode.window.createQuickPick<vscode.QuickPickItem & { attachment: Attachment }>();
  pick.title = "Bring code into the model's window";
  pick.placeholder = "A file or a symbol";
  let latest = 0;
  const look = async (query: string): Promise<void> => {
    const number = ++latest;
    const found = await server.request("memls/mentions", { root: controller.state.root, query }).catch(() => ({ mentions: [] }));
    if (number === latest) {
      pick.items = found.mentions.map((one) => ({
        label: `$(symbol-${one.kind === "file" ? "file" : one.kind}) ${one.symbol || one.path}`,
        description: one.detail,
        alwaysShow: true,
        attachment: one.symbol ? { path: one.path, symbol: one.symbol } : { path: one.path },
      }));
    }
  };
  pick.onDidChangeValue((value) => void look(value));
  pick.onDidAccept(() => {
    const chosen = pick.selectedItems.map((item) => item.attachment);
    pick.hide();
    void told(controller.pageIn(chosen), `${chosen.map((one) => one.symbol ?? one.path).join(", ")} is in the window.`);
  });
  pick.onDidHide(() => { pick.dispose(); });
  pick.show();
  await look("");
}

/** The page table as a document, kept up to date by the server. */
async function showContext({ controller }: Parts): Promise<void> {
  const { session } = controller.state;
  if (!session) {
    void vscode.window.showInformationMessage("memls: nothing was asked yet, so the window is empty.");
    return;
  }
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(`memls:/context/${encodeURIComponent(session)}`));
  await vscode.languages.setTextDocumentLanguage(document, "markdown");
  await vscode.window.showTextDocument(document, { preview: true, preserveFocus: true });
}

async function told(work: Promise<unknown>, done: string): Promise<void> {
  try {
    await work;
    vscode.window.setStatusBarMessage(`memls: ${done}`, 4000);
  } catch (error) {
    void vscode.window.showWarningMessage(`memls: ${error instanceof Error ? error.message : String(error)}`);
  }
}
