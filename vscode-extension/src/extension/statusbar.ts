/** One item in the status bar: how the index is, and how full the window. A click opens the panel. */

import * as vscode from "vscode";
import type { State } from "../chat/contract";

type Shown = Pick<State, "server" | "index" | "memory" | "model">;

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("memls.status", vscode.StatusBarAlignment.Right, 90);

  constructor() {
    this.item.name = "memls";
    this.item.command = "memls.focus";
  }

  show(state: Shown): void {
    const text = label(state);
    this.item.text = `$(library) ${text}`;
    this.item.accessibilityInformation = { label: `memls: ${spoken(state)}` };
    this.item.tooltip = tooltip(state);
    const bad = state.server.state === "failed" || state.index.state === "failed";
    this.item.backgroundColor = bad ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    this.item.show();
  }

  dispose(): void {
    this.item.dispose();
  }
}

export function label({ server, index, memory }: Shown): string {
  if (server.state !== "ready") {
    const words = { starting: "$(loading~spin) memls", restarting: "$(loading~spin) memls", missing: "memls $(circle-slash)", failed: "memls $(warning)" };
    return words[server.state];
  }
  if (index.state === "opening" || index.state === "indexing") {
    return index.total ? `memls ${Math.floor((100 * index.done) / index.total)}% indexed` : "$(loading~spin) memls";
  }
  if (index.state === "failed") {
    return "memls $(warning)";
  }
  // As the panel has it: what is kept free for the reply is not used.
  const used = Object.entries(memory.parts).reduce((sum, [part, tokens]) => sum + (part === "reserve" ? 0 : tokens), 0);
  return memory.window && used ? `memls ${Math.round((100 * used) / memory.window)}%` : "memls";
}

const SPOKEN = { starting: "starting", restarting: "starting again", missing: "not running", failed: "failed" };

/** What the item's icons show, for those who hear it. */
export function spoken(state: Shown): string {
  const { server, index } = state;
  if (server.state !== "ready") {
    return SPOKEN[server.state];
  }
  if (index.state === "failed") {
    return "the index failed";
  }
  if (index.state === "none") {
    return "no index";
  }
  const [share = ""] = /\d+%/.exec(label(state)) ?? [];
  if (index.state === "opening" || index.state === "indexing") {
    return share ? `${share} indexed` : "indexing";
  }
  return share ? `${share} of the window used` : "ready";
}

function tooltip({ server, index, memory, model }: Shown): string {
  const number = (value: number): string => value.toLocaleString("en");
  const lines = [
    server.message,
    index.error,
    index.state === "ready" && index.files !== undefined
      ? `Index: ${number(index.files)} files, ${number(index.symbols ?? 0)} symbols`
      : index.state === "indexing" ? `Indexing: ${number(index.done)} of ${number(index.total)} files` : "",
    memory.context ? `Window: ${number(memory.context.tokens)} of ${number(memory.window)} tokens` : "",
    model ? `Model: ${model.name}${model.host ? ` (${model.host})` : ""}` : "",
  ];
  return ["memls", ...lines.filter(Boolean)].join("\n");
}
