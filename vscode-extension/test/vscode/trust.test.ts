/** A workspace that is not trusted starts nothing of its own. */

import { existsSync } from "node:fs";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { READING } from "./places";
import { test } from "./world";

test("a workspace cannot name the program, nor is one of it run before it is trusted", async ({ world }) => {
  const own = join(world.workspace, "bin", "memls");
  const evil = join(world.workspace, "bin", "evil");
  const trace = join(world.workspace, "ran");
  world.write("bin/evil", `#!/bin/sh\ntouch '${trace}'\n`);
  world.write("bin/memls", `#!/bin/sh\nexec '${join(world.slot.folder, "memls")}' "$@"\n`);
  world.write(".vscode/settings.json", JSON.stringify({ "memls.path": evil, "memls.python": evil }));
  [own, evil].forEach((path) => { chmodSync(path, 0o755); });
  await world.endpoint.script(...READING);
  const window = await world.open({ "security.workspace.trust.enabled": true, "security.workspace.trust.startupPrompt": "never", "memls.path": own });
  const chat = await window.chat();
  await chat.notice.getByText(/it is part of this workspace, which is not trusted/).waitFor();

  await window.trust();
  await chat.notice.waitFor({ state: "detached" });
  await chat.ask("How does run_in_threadpool run a function?");
  expect(existsSync(trace)).toBe(false);
});
