/** Before all tests: what they need is installed, the extension is packed and installed as a user has it, and
 * VS Code is served once for each worker. After them all of it ends. */

import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium as engine } from "playwright-core";
import type { TestProject } from "vitest/node";
import type { Child } from "./child";
import { environment, startCodeServer, type Parts, type Place } from "./codeserver";
import { install } from "./install.mjs";
import { chromium, freePort, PACKAGE, python, run } from "./machine";

export interface Slot extends Place {
  /** The browser's address. */
  browser: string;
}

declare module "vitest" {
  interface ProvidedContext {
    slots: Slot[];
    template: string;
  }
}

/** It stays in this machine; nothing of it is asked for from elsewhere. */
const SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

export default async function stage(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "memls-vscode-"));
  const ends: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true, maxRetries: 5 })];
  const end = async (): Promise<void> => {
    for (const one of ends.splice(0).reverse()) {
      await one();
    }
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void end().finally(() => process.exit(1)));
  }
  try {
    const parts = install(python());
    const extensions = installExtensions(folder, parts);
    const template = makeTemplate(folder, parts.project);
    const workers = project.config.maxWorkers;
    const slots = await Promise.all(Array.from({ length: workers }, (_, index) => open(join(folder, String(index)), parts, extensions, ends)));
    project.provide("slots", slots);
    project.provide("template", template);
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}

async function open(folder: string, parts: Parts, extensions: string, ends: (() => Promise<unknown>)[]): Promise<Slot> {
  mkdirSync(folder);
  const place = { folder, port: await freePort(), endpoint: await freePort() };
  const child: Child = await startCodeServer(place, parts, extensions);
  ends.push(() => child.end());
  const browser = await engine.launchServer({ executablePath: chromium(), headless: true, args: SWITCHES, handleSIGINT: false, handleSIGTERM: false });
  ends.push(() => browser.close());
  return { ...place, browser: browser.wsEndpoint() };
}

/** Packed, then installed from the package: what is forgotten in it is missed here. */
function installExtensions(folder: string, parts: Parts): string {
  const extensions = join(folder, "extensions");
  const vsce = join(PACKAGE, "node_modules", ".bin", "vsce");
  const ours = join(folder, "memls.vsix");
  const fake = join(folder, "fakelm.vsix");
  run(process.execPath, ["esbuild.mjs", "--production"], PACKAGE);
  run(vsce, ["package", "--no-dependencies", "--out", ours], PACKAGE);
  const source = join(folder, "fakelm");
  cpSync(join(import.meta.dirname, "fakelm"), source, { recursive: true });
  copyFileSync(join(PACKAGE, "LICENSE"), join(source, "LICENSE"));
  run(vsce, ["package", "--no-dependencies", "--allow-missing-repository", "--out", fake], source);
  const wanted = [ours, fake].flatMap((file) => ["--install-extension", file]);
  const env = environment(folder);
  run(parts.node, [parts.codeServer, "--config", join(folder, "none.yaml"), "--extensions-dir", extensions, "--user-data-dir", join(folder, "installing"), ...wanted], folder, env);
  return extensions;
}

/** The project as a user has it cloned. */
function makeTemplate(folder: string, project: string): string {
  const template = join(folder, "template");
  mkdirSync(template);
  for (const name of readdirSync(project).filter((one) => !one.endsWith(".dist-info"))) {
    cpSync(join(project, name), join(template, name), { recursive: true });
  }
  const git = (...args: string[]): string =>
    run("git", ["-c", "user.name=test", "-c", "user.email=test@example.invalid", "-c", "commit.gpgsign=false", ...args], template);
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message", "As it came");
  return template;
}
