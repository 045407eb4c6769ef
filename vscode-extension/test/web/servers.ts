/** The servers behind the page: the one place that knows how they are started. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "../vscode/child";
import { environment } from "../vscode/codeserver";
import { python } from "../vscode/machine";
import { until } from "../vscode/until";

export interface Served {
  /** Where it listens, token included. */
  line: string;
  child: Child;
}

/** Serves a repository, with `folder` as its home. */
export async function serve(repository: string, folder: string, endpoint: number): Promise<Served> {
  const token = join(folder, "token");
  const args = ["-m", "memls", "lsp", "--websocket", "127.0.0.1:0", "--repo", repository, "--token-file", token];
  const env = {
    ...environment(folder),
    MEMLS_HOME: join(folder, "state"),
    MEMLS_MODEL: "fake",
    MEMLS_WINDOW: "16384",
    OPENAI_BASE_URL: `http://127.0.0.1:${endpoint}/v1`,
  };
  const child = new Child(python(), args, env, folder);
  const said = (): RegExpExecArray | null => /listening on (ws:\S+?),/.exec(child.said);
  await until("the server listens", () => said() ?? (!child.running && fail(child.said)));
  return { line: `${said()?.[1] ?? ""}/?token=${readFileSync(token, "utf8").trim()}`, child };
}

function fail(said: string): never {
  throw new Error(`the server ended: ${said}`);
}
