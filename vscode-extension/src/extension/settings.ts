/** The user's settings. Those that name a program or an endpoint are of scope `machine`: no workspace can set them. */

import * as vscode from "vscode";

export type Navigation = "auto" | "on" | "off";

export interface Settings {
  path: string;
  python: string;
  home: string;
  model: string;
  baseUrl: string;
  window: number | null;
  navigation: Navigation;
  features: Record<string, boolean>;
  codeLens: boolean;
  marks: boolean;
  autoStart: boolean;
}

export function settings(): Settings {
  const given = vscode.workspace.getConfiguration("memls");
  const text = (name: string): string => given.get<string>(name, "").trim();
  return {
    path: untilde(text("path")),
    python: untilde(text("python")),
    home: untilde(text("home")),
    model: text("model"),
    baseUrl: text("baseUrl"),
    window: given.get<number | null>("window", null),
    navigation: given.get<Navigation>("navigation", "auto"),
    features: given.get<Record<string, boolean>>("features", {}),
    codeLens: given.get("codeLens", false),
    marks: given.get("marks", true),
    autoStart: given.get("autoStart", true),
  };
}

/** Settings that a running server cannot take: it has them by its command or its environment. */
export const RESTARTS = ["path", "python", "home", "baseUrl"].map((name) => `memls.${name}`);

/** Settings that it is told. */
export const TOLD = ["model", "window", "navigation", "features", "codeLens"].map((name) => `memls.${name}`);

function untilde(path: string): string {
  return path.replace(/^~(?=$|[\\/])/, process.env["HOME"] ?? process.env["USERPROFILE"] ?? "~");
}
