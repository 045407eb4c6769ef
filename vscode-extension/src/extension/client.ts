/** The language client: one for each start of a server. Loaded only when there is one to start. */

import * as vscode from "vscode";
import { CloseAction, ErrorAction, LanguageClient, State, TransportKind } from "vscode-languageclient/node";
import type { LanguageClientOptions, Middleware } from "vscode-languageclient/node";
import type { Found } from "./finding";

export { State };
export type { LanguageClient };

export interface Setup {
  found: Found;
  folder: string;
  environment: Record<string, string>;
  log: vscode.LogOutputChannel;
  options: () => unknown;
  middleware: Middleware;
  /** Questions of lenses and actions are asked in the panel. */
  ask: (argument: unknown) => void;
}

export function makeClient(setup: Setup): LanguageClient {
  const { launch } = setup.found;
  const run = {
    command: launch.command,
    args: [...launch.args, "lsp"],
    options: { cwd: setup.folder, env: setup.environment },
    transport: TransportKind.stdio,
  };
  const client = new LanguageClient("memls", "memls", run, clientOptions(setup));
  return client;
}

function clientOptions({ log, options, middleware, ask }: Setup): LanguageClientOptions {
  return {
    documentSelector: [{ scheme: "file" }],
    outputChannel: log,
    initializationOptions: options(),
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => ({ action: CloseAction.DoNotRestart, handled: true }), // `Server` starts it again
    },
    middleware: {
      ...middleware,
      executeCommand: (command, given: unknown[], next) => {
        if (command === "memls.ask") {
          ask(given[0]);
          return undefined;
        }
        return next(command, given) as unknown;
      },
      handleWorkDoneProgress: () => undefined, // the status bar item and the panel show it
      workspace: {
        // The server asks for the section; what it is to know of it is worked out here.
        configuration: (params) => params.items.map(() => options()),
      },
    },
  };
}
