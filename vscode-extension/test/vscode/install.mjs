/**
 * What the tests in real VS Code need beside this package, fetched once and kept outside the repository: Node,
 * code-server (VS Code with its extension host, in a browser), and a project to ask about.
 *
 * Only the registries that npm and pip are set up for are asked. Nothing is built: code-server's native modules have
 * binaries with them, or the server does without.
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

export const CODE_SERVER = "4.139.1";
const NODE = "24.21.0";
/** A real project of middling size, under the BSD licence. Its citations stand in the tests, so it is pinned. */
export const PROJECT = "starlette==0.47.3";

/** Parts of code-server that no test uses, large ones and those that every window starts. */
const UNUSED = [
  "node_modules/@github",
  "node_modules/@microsoft/mxc-sdk",
  ...["copilot", "css-language-features", "configuration-editing", "debug-auto-launch", "debug-server-ready", "emmet",
    "extension-editing", "git", "git-base", "github", "github-authentication", "grunt", "gulp", "html-language-features", "ipynb",
    "jake", "json-language-features", "markdown-language-features", "markdown-math", "media-preview", "merge-conflict",
    "mermaid-markdown-features", "microsoft-authentication", "ms-vscode.js-debug", "ms-vscode.js-debug-companion",
    "ms-vscode.vscode-js-profile-table", "notebook-renderers", "npm", "php-language-features", "simple-browser", "terminal-suggest",
    "tunnel-forwarding", "typescript-language-features"].map((name) => `extensions/${name}`),
];

export const CACHE = process.env.MEMLS_TEST_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "memls-test");

/** Where the parts are. The first time takes a minute or two. */
export function install(python, say = console.error) {
  mkdirSync(CACHE, { recursive: true });
  const own = isIts(process.versions.node) ? "" : join(part(`node-${NODE}`, say, installNode), "bin");
  const node = own ? join(own, "node") : process.execPath;
  const server = part(`code-server-${CODE_SERVER}`, say, (folder) => installCodeServer(folder, own));
  const project = part(PROJECT.replace("==", "-"), say, (folder) => installProject(folder, python));
  return {
    node,
    codeServer: join(server, "node_modules", "code-server", "out", "node", "entry.js"),
    project,
  };
}

/** code-server runs on one major version of Node alone. */
function isIts(version) {
  return version.split(".")[0] === NODE.split(".")[0];
}

/** A folder is there whole or not at all, whoever else installs at the same time. */
function part(name, say, fill) {
  const there = join(CACHE, name);
  if (!existsSync(there)) {
    say(`installing ${name} in ${CACHE} …`);
    const making = mkdtempSync(join(CACHE, ".new-"));
    try {
      fill(making);
      renameSync(making, there);
    } catch (error) {
      if (!existsSync(there)) {
        throw error;
      }
    } finally {
      rmSync(making, { recursive: true, force: true });
    }
  }
  return there;
}

/** npm has Node itself, as packages for each platform. */
function installNode(folder) {
  run(folder, "npm", ["pack", "--silent", `node-${process.platform}-${process.arch}@${NODE}`]);
  const [archive] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  run(folder, "tar", ["xzf", archive, "--strip-components=1"]);
  [archive, "include", "share"].forEach((path) => rmSync(join(folder, path), { recursive: true, force: true }));
}

function installCodeServer(folder, bin) {
  writeFileSync(join(folder, "package.json"), '{"private": true}\n');
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  run(folder, "npm", ["install", `code-server@${CODE_SERVER}`, ...quiet], bin);
  const vscode = join(folder, "node_modules", "code-server", "lib", "vscode");
  run(vscode, "npm", ["install", "--omit=dev", ...quiet], bin);
  UNUSED.forEach((path) => rmSync(join(vscode, path), { recursive: true, force: true }));
}

function installProject(folder, python) {
  const pip = ["-m", "pip", "--disable-pip-version-check", "--quiet"];
  run(folder, python, [...pip, "download", "--no-deps", "--only-binary", ":all:", "--dest", ".", PROJECT]);
  const [wheel] = readdirSync(folder).filter((name) => name.endsWith(".whl"));
  run(folder, python, ["-m", "zipfile", "-e", wheel, "."]);
  rmSync(join(folder, wheel));
}

/** With a folder's programs first. Not those beside Node: where pip has brought it, npm is elsewhere. */
function run(cwd, command, args, bin = "") {
  const PATH = [bin, process.env.PATH].filter(Boolean).join(delimiter);
  execFileSync(command, args, { cwd, stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, PATH } });
}
