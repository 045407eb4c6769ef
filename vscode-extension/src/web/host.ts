/** The panel's other half in the same page: its controller, and the line to the server. */

import type { Connection } from "../chat/controller";
import { Controller } from "../chat/controller";
import type { Transport } from "../chat/contract";
import { repository } from "../panel/words";
import { PageEditor, ONLY } from "./editor";
import { keep, kept } from "./kept";
import { Page } from "./page";
import { repositories } from "./repositories";
import type { Target } from "./server";
import { Server } from "./server";

export interface Host {
  page: Page;
  server: Server;
  transport: Transport;
}

/** The page says where its server is, in its `meta` elements, by addresses that may be relative to its own. */
function address(name: string): URL {
  const given = document.querySelector<HTMLMetaElement>(`meta[name="memls-${name}"]`)?.content;
  return new URL(given ?? "", document.baseURI);
}

export function host(): Host {
  const page = new Page();
  const tell = (line: string): void => { page.tell(line); };
  const server: Server = new Server(() => look(controller), tell);
  const editor = new PageEditor(page, {
    connect: () => { server.connect(); },
    modelChanged: () => { controller.modelChanged(); },
    own: () => controller.state.index.model ?? null,
  });
  const controller: Controller = new Controller(server, editor);
  controller.connect(() => {
    document.title = [repository(controller.state), "memls"].filter(Boolean).join(" · ");
  });
  return { page, server, transport: transport(controller, server) };
}

/** The repositories that there are now; the one that is asked, and where. */
async function look(controller: Controller): Promise<Target> {
  const names = await repositories(address("repositories").href);
  controller.setRoots((names ?? [ONLY]).map((name) => ({ name: names ? name : "", uri: name })));
  const line = address("lsp");
  line.protocol = line.protocol.replace(/^http/, "ws");
  if (names) {
    line.searchParams.set("repo", controller.state.root);
  }
  return { root: controller.state.root, href: line.href };
}

function transport(controller: Controller, server: Server): Transport {
  let connection: Connection | null = null;
  return {
    send: (message) => {
      if (message.type === "choose_root") {
        server.connect(); // to the new one, which the controller knows before the line is there
      }
      connection?.receive(message);
    },
    listen: (take) => {
      connection = controller.connect(take);
      return () => connection?.close();
    },
    load: () => JSON.parse(kept("view") || "null") as unknown,
    save: (view) => { keep("view", JSON.stringify(view)); },
  };
}
