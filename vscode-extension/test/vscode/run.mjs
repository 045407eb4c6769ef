// `npm run test:vscode`: the tests in real VS Code. Arguments go to vitest, for instance a part of a file's name;
// with `--only-install` alone what they need is fetched, and no more.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { install } from "./install.mjs";

const here = import.meta.dirname;
const root = join(here, "..", "..");
const own = join(root, "..", ".venv", "bin", "python");
const python = process.env.MEMLS_TEST_PYTHON ?? (existsSync(own) ? own : "python3");
const { node } = install(python);
if (process.argv[2] === "--only-install") {
  process.exit();
}
const args = [join(root, "node_modules", "vitest", "vitest.mjs"), "run", "--config", join(here, "vitest.config.mts"), ...process.argv.slice(2)];
const child = spawn(node, args, { stdio: "inherit", cwd: root, env: { ...process.env, MEMLS_TEST_PYTHON: python } });
// Whoever ends this ends the tests, and these end what they have started.
["SIGINT", "SIGTERM"].forEach((signal) => process.on(signal, () => child.kill(signal)));
child.on("exit", (code) => { process.exitCode = code ?? 1; });
