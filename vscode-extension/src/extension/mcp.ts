/** Offers `memls mcp` to the editor's agents, where both have it: the editor the interface, the server the command. */

import { execFile } from "node:child_process";
import * as vscode from "vscode";
import { safeEnvironment } from "./finding";
import type { Server } from "./server";

const ID = "memls";
const PATIENCE = 20_000;

export function offerMcp(server: Server, folder: string): vscode.Disposable {
  const lm = (vscode as Partial<typeof vscode>).lm as Partial<typeof vscode.lm> | undefined;
  const register = lm?.registerMcpServerDefinitionProvider;
  let registered: vscode.Disposable | undefined;
  if (typeof register !== "function") {
    return new vscode.Disposable(() => undefined);
  }
  const stop = server.onServer(({ state }) => {
    if (state === "ready" && !registered) {
      void has(server, folder).then((found) => {
        registered ??= found ? register(ID, { provideMcpServerDefinitions: () => definitions(server) }) : undefined;
      });
    }
  });
  return new vscode.Disposable(() => {
    stop();
    registered?.dispose();
  });
}

function has({ found }: Server, folder: string): Promise<boolean> {
  return new Promise((resolve) => {
    if (!found) {
      resolve(false);
      return;
    }
    const { command, args } = found.launch;
    const options = { cwd: folder, env: safeEnvironment(), timeout: PATIENCE, windowsHide: true };
    execFile(command, [...args, "mcp", "--available"], options, (error) => { resolve(error === null); });
  });
}

function definitions({ found }: Server): vscode.McpServerDefinition[] {
  if (!found) {
    return [];
  }
  const { command, args } = found.launch;
  return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file").map(({ name, uri }) =>
    new vscode.McpStdioServerDefinition(`memls: ${name}`, command, [...args, "mcp", "--stdio", "--repo", uri.fsPath], { PYTHONSAFEPATH: "1" }, found.version));
}
