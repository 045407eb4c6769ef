// `npm run test:vscode`: the tests in real VS Code. Arguments go to vitest, for instance a part of a file's name.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { install } from "./install.mjs";

const here = import.meta.dirname;
const root = join(here, "..", "..");
const own = join(root, "..", ".venv", "bin", "python");
const python = process.env.MEMLS_TEST_PYTHON ?? (existsSync(own) ? own : "python3");
const { node } = install(python);
const args = [join(root, "node_modules", "vitest", "vitest.mjs"), "run", "--config", join(here, "vitest.config.mts"), ...process.argv.slice(2)];
const { status, signal } = spawnSync(node, args, { stdio: "inherit", cwd: root, env: { ...process.env, MEMLS_TEST_PYTHON: python } });
process.exit(signal ? 1 : status ?? 1);
