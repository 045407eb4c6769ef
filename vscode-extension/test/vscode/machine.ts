/** What of this machine the tests use. */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join, resolve } from "node:path";

export const PACKAGE = resolve(import.meta.dirname, "..", "..");
export const REPOSITORY = resolve(PACKAGE, "..");

/** A Python that has what memls needs. The sources that run are this repository's. */
export function python(): string {
  const given = process.env["MEMLS_TEST_PYTHON"];
  const own = join(REPOSITORY, ".venv", "bin", "python");
  return given ?? (existsSync(own) ? own : "python3");
}

/** The browser; `lighter` where one without a window will do, which is twice as fast with pages but not with VS Code. */
export function chromium(lighter = false): string {
  const names = [...(lighter ? ["chromium-headless-shell"] : []), "chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const found = process.env["MEMLS_TEST_CHROMIUM"]
    ?? names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
  if (!found) {
    throw new Error("no chromium is installed (Debian: apt-get install chromium), and MEMLS_TEST_CHROMIUM names none");
  }
  return found;
}

/** Free at the time of asking. */
export async function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.on("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => { done(typeof address === "object" && address ? address.port : 0); });
    });
  });
}

/** Runs to its end; what it said is in the error where it fails. */
export function run(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = process.env): string {
  return execFileSync(command, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** The files below a folder that hold a text, as it is or in base64. */
export function holding(text: string, folder: string): string[] {
  const within = Buffer.from(text).toString("base64").slice(0, -4);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const bytes = readFileSync(path);
      return bytes.includes(text) || bytes.includes(within);
    });
}
