/** The servers behind the page: the one place that knows how they are started. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "../vscode/child";
import { environment } from "../vscode/codeserver";
import { python } from "../vscode/machine";
import { until } from "../vscode/until";

export interface Served {
  /** Where it listens, token included. */
  address: string;
  child: Child;
}

/** What a server has to itself, and the port of the model's endpoint. */
export interface Home {
  folder: string;
  endpoint: number;
}

/** A language server of one repository, over a WebSocket. */
export function serveLine(repository: string, home: Home): Promise<Served> {
  return start(["lsp", "--websocket", "127.0.0.1:0", "--repo", repository], home);
}

/** All that the page needs, from one process. `port` 0: any free one. */
export function serve(repositories: string[], home: Home, port = 0): Promise<Served> {
  const named = repositories.flatMap((one) => ["--repo", one]);
  return start(["serve", "--port", String(port), "--drain", "1", ...named], home);
}

async function start(args: string[], { folder, endpoint }: Home): Promise<Served> {
  const token = join(folder, "token");
  const env = {
    ...environment(folder),
    MEMLS_HOME: join(folder, "state"),
    MEMLS_MODEL: "fake",
    MEMLS_WINDOW: "16384",
    OPENAI_BASE_URL: `http://127.0.0.1:${endpoint}/v1`,
  };
  const child = new Child(python(), ["-m", "memls", ...args, "--token-file", token], env, folder);
  const said = (): string | undefined => /listening on (\w+:\/\/[^\s,/]+)/.exec(child.said)?.[1];
  await until("the server listens", () => said() ?? (!child.running && fail(child.said)));
  return { address: `${said() ?? ""}/?token=${readFileSync(token, "utf8").trim()}`, child };
}

function fail(said: string): never {
  throw new Error(`the server ended: ${said}`);
}
