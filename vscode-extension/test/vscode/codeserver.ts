/** Real VS Code, served on loopback: one for each worker, with folders of its own, and a new window for each test. */

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "./child";
import { python, REPOSITORY } from "./machine";
import { until } from "./until";

/** Where a worker's VS Code is, and what belongs to it. */
export interface Place {
  folder: string;
  port: number;
  endpoint: number;
}

export interface Parts {
  node: string;
  codeServer: string;
}

const PLAIN = {
  "workbench.startupEditor": "none",
  "workbench.enableExperiments": false,
  "workbench.tips.enabled": false,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": "off",
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "files.autoSave": "off",
  "files.hotExit": "off",
  "editor.minimap.enabled": false,
  "chat.commandCenter.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.colorTheme": "Default Dark Modern",
};

/** The program that stands for memls: it notes its process, then becomes this repository's own. */
export function writeProgram(place: Place): string {
  const program = join(place.folder, "memls");
  const lines = [
    "#!/bin/sh",
    `case "$*" in *lsp*) echo $$ >> '${pidFile(place)}';; esac`,
    `exec '${python()}' -m memls "$@" 2>> '${join(place.folder, "said")}'`,
  ];
  writeFileSync(program, `${lines.join("\n")}\n`);
  chmodSync(program, 0o755);
  return program;
}

/** Settings are read when a window opens. */
export function writeSettings(place: Place, settings: Record<string, unknown>): void {
  const all = {
    ...PLAIN,
    "memls.path": join(place.folder, "memls"),
    "memls.home": join(place.folder, "state"),
    "memls.model": "fake",
    "memls.baseUrl": `http://127.0.0.1:${place.endpoint}/v1`,
    "memls.window": 16384,
    ...settings,
  };
  // In a window that is remote, as all are here, settings of the machine are read from there alone.
  for (const kind of ["User", "Machine"]) {
    const folder = join(place.folder, "user-data", kind);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "settings.json"), JSON.stringify(all, null, 2));
  }
}

export async function startCodeServer(place: Place, parts: Parts, extensions: string): Promise<Child> {
  const home = join(place.folder, "home");
  mkdirSync(home, { recursive: true });
  const config = join(place.folder, "config.yaml");
  writeFileSync(config, "cert: false\n");
  writeProgram(place);
  writeSettings(place, {});
  const args = [
    parts.codeServer, "--config", config, "--bind-addr", `127.0.0.1:${place.port}`, "--auth", "none",
    "--user-data-dir", join(place.folder, "user-data"), "--extensions-dir", extensions,
    "--disable-telemetry", "--disable-update-check", "--disable-getting-started-override",
    "--disable-proxy", "--ignore-last-opened",
  ];
  const child = new Child(parts.node, args, environment(home), place.folder);
  await until("code-server listens", () => {
    if (!child.running) {
      throw new Error(`code-server ended: ${child.said}`);
    }
    return fetch(`http://127.0.0.1:${place.port}/healthz`).then((answer) => answer.ok, () => false);
  }, 60_000);
  return child;
}

/** Of the servers that were started in a place, those whose process still is there. */
export function servers(place: Place): number[] {
  let noted: string;
  try {
    noted = readFileSync(pidFile(place), "utf8");
  } catch {
    return [];
  }
  return noted.trim().split("\n").map(Number).filter(isRunning);
}

function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("memls");
  } catch {
    return false;
  }
}

function pidFile(place: Place): string {
  return join(place.folder, "servers");
}

/** A user's, without what would change how memls answers. */
export function environment(home: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(MEMLS_|OPENAI_|XDG_|VITEST|VSCODE_|NODE_OPTIONS)/.test(name));
  return { ...Object.fromEntries(kept), HOME: home, PYTHONPATH: REPOSITORY, OPENAI_API_KEY: "key", LC_ALL: "C.UTF-8" };
}
