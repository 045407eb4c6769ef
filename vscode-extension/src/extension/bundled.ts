/**
 * The server that came with the extension: wheels in `dist/wheels`, installed once for each version into an environment
 * of their own. Nothing is downloaded. Where the extension was packed without wheels there is none.
 */

import { execFile } from "node:child_process";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { promisify } from "node:util";
import type * as vscode from "vscode";
import { python, type Launch } from "./finding";

const run = promisify(execFile);
const WINDOWS = process.platform === "win32";
const ENOUGH = "import sys; sys.exit(sys.version_info < (3, 11))";

export async function bundledServer(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<Launch | null> {
  const wheels = context.asAbsolutePath(path.join("dist", "wheels"));
  if (!(await exists(wheels))) {
    return null;
  }
  const version = String((context.extension.packageJSON as { version: unknown }).version);
  const folder = path.join(context.globalStorageUri.fsPath, `server-${version}`);
  const interpreter = path.join(folder, WINDOWS ? "Scripts/python.exe" : "bin/python");
  const made = path.join(folder, "installed");
  if (!(await exists(made))) {
    try {
      await install(wheels, folder, interpreter);
      await fs.writeFile(made, "");
    } catch (error) {
      log.warn(`The server that came with the extension cannot be installed: ${String(error)}`);
      return null;
    }
  }
  return python(interpreter, "the server that came with the extension");
}

async function install(wheels: string, folder: string, interpreter: string): Promise<void> {
  const base = await anyPython();
  await fs.rm(folder, { recursive: true, force: true });
  await run(base, ["-P", "-m", "venv", folder]);
  await run(interpreter, ["-P", "-m", "pip", "install", "--quiet", "--no-index", "--find-links", wheels, "memls"]);
}

async function anyPython(): Promise<string> {
  for (const name of WINDOWS ? ["python", "py"] : ["python3", "python3.13", "python3.12", "python3.11", "python"]) {
    try {
      await run(name, ["-P", "-c", ENOUGH]);
      return name;
    } catch {
      // the next one
    }
  }
  throw new Error("there is no Python 3.11 or newer");
}

async function exists(file: string): Promise<boolean> {
  return fs.access(file).then(() => true, () => false);
}
