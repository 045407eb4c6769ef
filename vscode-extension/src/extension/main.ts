/** Where the editor starts the extension. Little is done here at once: the server comes a moment later. */

import * as vscode from "vscode";
import { Controller } from "../chat/controller";
import { bundledServer } from "./bundled";
import { asked, registerCommands, turnTo } from "./commands";
import { VscodeEditor } from "./editor";
import { Files } from "./files";
import { candidates, safeEnvironment } from "./finding";
import { lend } from "./lending";
import { Marks } from "./marks";
import { offerMcp } from "./mcp";
import { Models } from "./models";
import { guards, switches } from "./navigation";
import { Panel, VIEW } from "./panel";
import { registerParticipant } from "./participant";
import { remedy } from "./remedies";
import { Server } from "./server";
import { RESTARTS, settings, TOLD } from "./settings";
import { StatusBar } from "./statusbar";
import { registerTools } from "./tools";

const PAUSE = 150;
let running: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("memls", { log: true });
  const folder = context.globalStorageUri.fsPath;
  const models = new Models(context);
  const server: Server = new Server(log, {
    folder,
    candidates: () => candidates(settings(), () => bundledServer(context, log)),
    environment: () => environment(models),
    setup: {
      options: () => options(models),
      middleware: guards(() => settings().navigation),
      ask: (argument) => void askedByCommand(argument),
    },
    wire: (client) => { lend(client, () => models.lent()); },
  });
  running = server;
  const files: Files = new Files(() => controller.state.index.root ?? controller.state.root);
  const editor = new VscodeEditor(context, files, { chosen: () => models.chosen(), choose: () => models.choose() },
    (name) => remedy(name, () => server.restart(), log));
  const controller: Controller = new Controller(server, editor);
  const start = (): Promise<void> => (server.server.state === "ready" ? Promise.resolve() : server.start());
  const panel = new Panel(context.extensionUri, controller, () => void start());
  const askedByCommand = async (argument: unknown): Promise<void> => {
    const found = asked(argument);
    if (found) {
      await panel.focus();
      const file = found.uri ? vscode.Uri.parse(found.uri) : undefined;
      await turnTo(controller, file);
      const path = file ? files.path(file) : null;
      const { start: first, end: last } = found;
      await controller.ask(found.question, path && first ? [{ path, start: first, end: last }] : []);
    }
  };
  const chat = { backend: server, controller, files, start, icon: vscode.Uri.joinPath(context.extensionUri, "media", "icon.png") };
  context.subscriptions.push(
    log, models, server, editor, { dispose: () => { controller.close(); } },
    vscode.window.registerWebviewViewProvider(VIEW, panel),
    registerCommands({ controller, files, models, panel, server, log }),
    registerParticipant(chat),
    registerTools(chat),
    offerMcp(server, folder),
    ...watch({ context, controller, files, models, server }),
  );
  void files.look().then(() => {
    controller.setRoots(roots());
    if (settings().autoStart && vscode.workspace.workspaceFolders?.length) {
      void models.look();
      void start();
    }
  });
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}

interface Watched {
  context: vscode.ExtensionContext;
  controller: Controller;
  files: Files;
  models: Models;
  server: Server;
}

/** What happens in the editor, told to those whom it concerns. */
function watch({ context, controller, files, models, server }: Watched): { dispose(): unknown }[] {
  const marks = new Marks(context, files);
  const status = new StatusBar();
  const show = (): void => {
    const { state } = controller;
    marks.show(state.memory.context?.pages ?? []);
    status.show(state);
  };
  const offer = (editor = vscode.window.activeTextEditor): void => {
    if (editor) {
      controller.select(files.selected(editor)); // the panel takes the focus: what was selected still is
    }
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const connection = controller.connect((update) => {
    if (update.type === "slice" || update.type === "state") {
      show();
    }
    if (update.type === "state" || (update.type === "slice" && update.slice.index)) {
      offer(); // what a file is called depends on what the index is of
    }
  });
  show();
  return [
    marks, status, { dispose: () => { connection.close(); } },
    vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
      clearTimeout(timer);
      timer = setTimeout(() => { offer(textEditor); }, PAUSE);
    }),
    vscode.window.onDidChangeActiveTextEditor((editor) => { offer(editor); }),
    vscode.workspace.onDidChangeWorkspaceFolders(async () => {
      await files.look();
      controller.setRoots(roots());
      if (server.server.state === "missing") {
        await server.start();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      if (server.server.state === "missing") {
        void server.restart();
      }
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      const touched = (names: string[]): boolean => names.some((name) => event.affectsConfiguration(name));
      if (touched(RESTARTS)) {
        void server.restart();
      } else if (touched(TOLD)) {
        server.tell();
        controller.modelChanged();
      }
      marks.draw();
    }),
    models.onChange(() => {
      server.tell();
      controller.modelChanged();
    }),
  ];
}

function roots(): { name: string; uri: string }[] {
  const local = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
  return local.map(({ name, uri }) => ({ name, uri: uri.toString() }));
}

/** What the server is told of the settings: at its start, and whenever they change. */
function options(models: Models): unknown {
  const given = settings();
  const lent = models.lent();
  return {
    features: switches(given),
    model: given.model,
    window: given.window,
    complete: lent ? { name: lent.name, window: lent.maxInputTokens } : false,
    notifications: { changed: true },
  };
}

/** The endpoint and its key reach the server by its environment, and by nothing else. */
async function environment(models: Models): Promise<Record<string, string>> {
  const { baseUrl, home } = settings();
  const key = await models.apiKey();
  return safeEnvironment({
    ...(baseUrl ? { OPENAI_BASE_URL: baseUrl } : {}),
    ...(key ? { OPENAI_API_KEY: key } : {}),
    ...(home ? { MEMLS_HOME: home } : {}),
  });
}
