/**
 * Finding a server: what the user named, what came with the extension, then what is installed on the machine.
 *
 * Python is run with `-P` and away from the workspace: a folder named `memls` in a repository is no server of ours. In
 * a workspace that is not trusted no interpreter out of it is run, wherever it is named.
 */

import { execFile } from "node:child_process";
import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import { inside } from "./places";
import { problemOf } from "./problems";
import type { Settings } from "./settings";

export interface Launch {
  command: string;
  /** Before `lsp` or `--version`. */
  args: string[];
  /** For the reader. */
  origin: string;
}

export interface Found {
  launch: Launch;
  version: string;
}

export interface Failure {
  launch: Launch;
  problem: string;
}

const PATIENCE = 60_000;
const WINDOWS = process.platform === "win32";

/** The first that answers, else why each does not. */
export async function findServer(candidates: AsyncIterable<Launch>, folder: string): Promise<Found | Failure[]> {
  const failures: Failure[] = [];
  for await (const launch of candidates) {
    if (!vscode.workspace.isTrusted && isOfWorkspace(launch.command)) {
      failures.push({ launch, problem: "it is part of this workspace, which is not trusted" });
      continue;
    }
    const answer = await versionOf(launch, folder);
    if ("version" in answer) {
      return { launch, version: answer.version };
    }
    failures.push({ launch, problem: answer.problem });
  }
  return failures;
}

export async function* candidates(settings: Settings, bundled: () => Promise<Launch | null>): AsyncGenerator<Launch> {
  if (settings.path) {
    yield { command: settings.path, args: [], origin: "the setting memls.path" };
    return;
  }
  if (settings.python) {
    yield python(settings.python, "the setting memls.python");
    return;
  }
  const packed = await bundled();
  if (packed) {
    yield packed;
  }
  const selected = vscode.workspace.isTrusted ? await selectedPython() : "";
  if (selected) {
    yield python(selected, "the selected Python");
  }
  yield { command: "memls", args: [], origin: "memls on the PATH" };
  if (!WINDOWS) {
    yield { command: path.join(os.homedir(), ".local", "bin", "memls"), args: [], origin: "memls of uv or pipx" };
  }
  for (const name of WINDOWS ? ["python", "py"] : ["python3", "python"]) {
    yield python(name, `${name} on the PATH`);
  }
}

export function python(command: string, origin: string): Launch {
  return { command, args: ["-P", "-m", "memls"], origin };
}

/** The environment of the server: nothing is imported from where it happens to run. */
export function safeEnvironment(more: Record<string, string> = {}): Record<string, string> {
  const given = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(given), PYTHONSAFEPATH: "1", PYTHONUTF8: "1", ...more };
}

export function versionOf(launch: Launch, folder: string): Promise<{ version: string } | { problem: string }> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: safeEnvironment(), timeout: PATIENCE, windowsHide: true };
    execFile(launch.command, [...launch.args, "--version"], options, (error, stdout, stderr) => {
      const version = /^memls, version (\S+)/m.exec(stdout)?.[1];
      resolve(version ? { version } : { problem: problemOf(error, stderr) });
    });
  });
}

/** What the Python extension runs for this workspace. Only trusted workspaces get here. */
async function selectedPython(): Promise<string> {
  const extension = vscode.extensions.getExtension<PythonExtension>("ms-python.python");
  if (!extension) {
    return "";
  }
  try {
    const { environments } = extension.isActive ? extension.exports : await extension.activate();
    const active = environments.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri);
    return (await environments.resolveEnvironment(active))?.executable.uri?.fsPath ?? "";
  } catch {
    return "";
  }
}

/** The part of its interface that is used here. */
interface PythonExtension {
  environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(path: { path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
  };
}

function isOfWorkspace(command: string): boolean {
  return path.isAbsolute(command) && (vscode.workspace.workspaceFolders ?? []).some((folder) => inside(folder.uri.fsPath, command));
}
