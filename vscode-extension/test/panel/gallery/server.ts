/** The gallery's server: the panel's own page and bundle, with a fake controller, in a theme of VS Code's. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import { html } from "../../../src/panel/html";
import themes from "./themes.json";
import { STATES } from "./states";

export type Theme = keyof typeof themes;
export const THEMES = Object.keys(themes) as Theme[];

/** Scripts of npm run in the package's folder. */
const ROOT = `${process.cwd()}/`;
const NONCE = "gallery";

export interface Gallery {
  url: string;
  close: () => Promise<void>;
}

export async function serve(port = 0): Promise<Gallery> {
  const files = await bundles();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://gallery");
    const file = files[pathname];
    if (file) {
      response.setHeader("Content-Type", pathname.endsWith(".css") ? "text/css" : "text/javascript");
      response.end(file);
    } else {
      const theme = searchParams.get("theme") ?? "dark";
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.end(pathname === "/panel" ? panel(theme) : index());
    }
  });
  await new Promise<void>((resolve) => { server.listen(port, "127.0.0.1", resolve); });
  const { port: own } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${own}`, close: () => closed(server) };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => { server.close(() => { resolve(); }); });
}

/** The panel as it is shipped, and what stands in for a controller. */
async function bundles(): Promise<Record<string, string>> {
  const made = await build({
    entryPoints: { panel: `${ROOT}src/panel/main.tsx`, fake: `${ROOT}test/panel/gallery/fake.ts` },
    outdir: ROOT,
    bundle: true,
    minify: true,
    write: false,
    platform: "browser",
    format: "iife",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".svg": "text" },
  });
  const axe = await readFile(`${ROOT}node_modules/axe-core/axe.min.js`, "utf8");
  const texts = made.outputFiles.map((file) => [`/${file.path.slice(ROOT.length)}`, file.text]);
  return { ...(Object.fromEntries(texts) as Record<string, string>), "/axe.js": axe };
}

/** What a theme is to a page: the class of its body, and its variables. */
export function dress(theme: Theme): { name: string; style: string } {
  const { class: name, variables } = themes[theme];
  return { name, style: Object.entries(variables).map(([key, value]) => `${key}:${value}`).join(";") };
}

/** The page as an editor makes it, with the theme's variables, and with nothing allowed to become HTML unseen. */
function panel(theme: string): string {
  const { name, style } = theme in themes ? dress(theme as Theme) : { name: "", style: "" };
  const strict = "require-trusted-types-for 'script'; trusted-types dompurify";
  return html({ nonce: NONCE, source: "'self'", script: "/panel.js", style: "/panel.css" })
    .replace("<title>", `<meta http-equiv="Content-Security-Policy" content="${strict}"><title>`)
    .replace("</head>", `<style nonce="${NONCE}" id="theme">:root{${style}}</style></head>`)
    .replace("<body>", `<body class="${name}">`)
    .replace("<script ", `<script nonce="${NONCE}" src="/fake.js"></script><script `);
}

function index(): string {
  const rows = Object.keys(STATES).map((state) => {
    const links = ["", ...THEMES].map((theme) => `<a href="/panel?state=${state}&theme=${theme || "none"}">${theme || "browser"}</a>`);
    return `<li>${state}: ${links.join(" ")}</li>`;
  });
  return `<!DOCTYPE html><title>Gallery of the panel</title><h1>Gallery of the panel</h1><ul>${rows.join("")}</ul>`;
}
