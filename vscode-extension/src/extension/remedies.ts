/** What the user can do where there is no server, and how it is done. */

import * as vscode from "vscode";
import type { Failure } from "./finding";
import type { ServerView } from "../chat/contract";

const RETRY = { label: "Try again", remedy: "retry" };
const LOG = { label: "Show log", remedy: "show_log" };
const PYTHON = { label: "Choose Python…", remedy: "choose_python" };
const UV = { label: "Install with uv", remedy: "install_uv" };
const PIP = { label: "Install with pip", remedy: "install_pip" };
const UPDATE = { label: "Update with pip", remedy: "update" };
const SETTINGS = { label: "Open settings", remedy: "settings" };
const FOLDER = { label: "Open a folder", remedy: "open_folder" };
const START = { label: "Start", remedy: "retry" };

export const STARTING: ServerView = { state: "starting", message: "memls is starting …", remedies: [] };
export const READY: ServerView = { state: "ready", message: "", remedies: [] };
export const NO_FOLDER: ServerView = {
  state: "missing",
  message: "No folder is open. memls answers questions about a folder's code.",
  remedies: [FOLDER],
};
export const NOT_STARTED: ServerView = { state: "missing", message: "memls is not started.", remedies: [START] };

export function missing(failures: readonly Failure[]): ServerView {
  const named = failures.length === 1 ? failures[0] : undefined;
  const old = failures.find((one) => one.problem.includes("older than 3.11"));
  const isWrong = named?.launch.origin.startsWith("the setting") && !named.problem.includes("not installed");
  const message = named?.launch.origin.startsWith("the setting")
    ? `memls does not start from ${named.launch.origin} (${named.launch.command}): ${named.problem}.`
    : `memls is not installed: no Python here has it${old ? ", and the default one is older than 3.11" : ""}.`;
  return { state: "missing", message, remedies: isWrong ? [SETTINGS, PYTHON, RETRY, LOG] : [UV, PIP, PYTHON, RETRY, LOG] };
}

export function tooOld(version: string, needed: string): ServerView {
  const message = `memls ${version} is older than this extension, which needs ${needed}.`;
  return { state: "failed", message, remedies: [UPDATE, PYTHON, RETRY, LOG] };
}

export function failed(problem: string): ServerView {
  return { state: "failed", message: `memls did not start: ${problem}`, remedies: [RETRY, PYTHON, LOG] };
}

export function restarting(milliseconds: number): ServerView {
  const message = `memls ended unexpectedly, and starts again in ${milliseconds / 1000} s.`;
  return { state: "restarting", message, remedies: [LOG] };
}

export function givenUp(): ServerView {
  const message = "memls ended five times within three minutes. The log says why.";
  return { state: "failed", message, remedies: [RETRY, LOG] };
}

/** By name; nothing for names that are not ours. */
export function remedy(name: string, retry: () => Promise<void>, log: vscode.LogOutputChannel): Promise<void> {
  switch (name) {
    case "retry": return retry();
    case "show_log": log.show(); break;
    case "choose_python": return choosePython(retry);
    case "install_uv": inTerminal("uv tool install memls"); break;
    case "install_pip": inTerminal(`${process.platform === "win32" ? "python" : "python3"} -m pip install --user memls`); break;
    case "update": inTerminal(`${process.platform === "win32" ? "python" : "python3"} -m pip install --upgrade memls`); break;
    case "open_folder": void vscode.commands.executeCommand("workbench.action.files.openFolder"); break;
    case "settings": void vscode.commands.executeCommand("workbench.action.openSettings", "@ext:memls.memls"); break;
  }
  return Promise.resolve();
}

/** The user reads the command before he runs it. */
function inTerminal(command: string): void {
  const terminal = vscode.window.createTerminal({ name: "Install memls", cwd: vscode.Uri.file(process.env["HOME"] ?? "/") });
  terminal.show();
  terminal.sendText(command, false);
}

async function choosePython(retry: () => Promise<void>): Promise<void> {
  const [chosen] = (await vscode.window.showOpenDialog({ title: "A Python interpreter that has memls", openLabel: "Use this Python" })) ?? [];
  if (chosen) {
    await vscode.workspace.getConfiguration("memls").update("python", chosen.fsPath, vscode.ConfigurationTarget.Global);
    await retry();
  }
}
