/**
 * What `memls serve` does for the page, as small as can be: the page's files, the list of repositories, and a
 * WebSocket that is passed on to the server of the repository that it names. It can be cut, and be gone for a while.
 */

import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { extname, join } from "node:path";
import type { Duplex } from "node:stream";
import { REPOSITORY } from "../vscode/machine";

const PAGE = join(REPOSITORY, "memls", "http", "page");
const TYPES: Record<string, string> = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css" };

export class Site {
  /** Whether the list of repositories is there, and who may see it. */
  list: "there" | "none" | "signed out" | "broken" = "there";
  /** Nobody is let in. */
  gone = false;
  /** What was asked of it, in order. */
  readonly asked: string[] = [];
  private readonly open = new Set<Duplex>();
  private readonly servers = new Set<Duplex>();
  private readonly server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://site");
    this.asked.push(pathname);
    if (this.gone) {
      request.socket.destroy();
    } else if (pathname === "/api/repositories") {
      response.statusCode = { there: 200, none: 404, "signed out": 401, broken: 503 }[this.list];
      response.end(JSON.stringify(Object.keys(this.lines).map((name) => ({ name }))));
    } else {
      const file = pathname === "/" ? "index.html" : pathname.replace("/assets/", "");
      response.setHeader("Content-Type", TYPES[extname(file)] ?? "text/plain");
      response.end(readFileSync(join(PAGE, file)));
    }
  });

  /** `lines`: where the server of each repository listens, token included. */
  constructor(readonly lines: Record<string, string>) {
    this.server.on("upgrade", (request, socket, head) => { this.pass(request, socket, head); });
  }

  async start(): Promise<void> {
    await new Promise<void>((done) => { this.server.listen(0, "127.0.0.1", done); });
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** How many pages are connected. */
  get connected(): number {
    return this.open.size;
  }

  cut(): void {
    this.open.forEach((socket) => { socket.destroy(); });
  }

  /** What servers say goes nowhere from now on, and no connection ends of it. */
  mute(): void {
    this.servers.forEach((server) => { server.unpipe().resume(); });
  }

  async stop(): Promise<void> {
    this.cut();
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private pass(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://site");
    this.asked.push(`${pathname}?${searchParams}`);
    const line = this.lines[searchParams.get("repo") ?? Object.keys(this.lines)[0] ?? ""];
    if (this.gone || pathname !== "/lsp" || !line) {
      socket.destroy();
      return;
    }
    const { hostname, port, search } = new URL(line);
    const server = connect(Number(port), hostname, () => {
      const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`).join("");
      server.write(`GET /${search} HTTP/1.1\r\n${headers}\r\n`);
      server.write(head);
      server.pipe(socket).pipe(server);
    });
    this.open.add(socket);
    this.servers.add(server);
    for (const end of [socket, server]) {
      end.on("error", () => undefined); // its close follows
      end.on("close", () => {
        this.open.delete(socket);
        this.servers.delete(server);
        socket.destroy();
        server.destroy();
      });
    }
  }
}
