/**
 * Which model answers: what the user chose in the list; else the endpoint that is configured; else one of the editor's
 * own; else none. The server has the same order (configured, lent, extractive), so `auto` leaves it the choice.
 */

import * as vscode from "vscode";
import type { ChosenModel } from "../chat/backend";
import { settings } from "./settings";

type Choice =
  | { kind: "auto" }
  /** Whatever the settings name: who changes them there has chosen too. */
  | { kind: "endpoint" }
  | { kind: "editor"; id: string }
  | { kind: "extractive" };

const KEY = "model";
const SECRET = "memls.apiKey";

export class Models implements vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<void>();
  /** Something about them changed that is shown, or that the server has to hear. */
  readonly onChange = this.changes.event;
  private available: vscode.LanguageModelChat[] = [];
  private readonly subscriptions: vscode.Disposable[] = [];

  constructor(private readonly context: vscode.ExtensionContext) {
    if (hasModels()) {
      this.subscriptions.push(vscode.lm.onDidChangeChatModels(() => void this.look()));
    }
  }

  /** Which models the editor has. They come and go with other extensions. */
  async look(): Promise<void> {
    if (hasModels()) {
      const before = this.lent()?.id;
      this.available = await vscode.lm.selectChatModels().then((found) => found, () => []);
      if (before !== this.lent()?.id) {
        this.changes.fire();
      }
    }
  }

  /** What a question is asked of. */
  chosen(): ChosenModel {
    const choice = this.choice();
    switch (choice.kind) {
      case "auto":
        return { ask: undefined, info: null };
      case "endpoint": {
        const { model, window } = settings();
        return model
          ? { ask: model, info: { kind: "endpoint", name: model, window: window ?? 0, host: host() } }
          : { ask: undefined, info: null };
      }
      case "extractive":
        return { ask: "extractive", info: { kind: "extractive", name: "extractive", window: settings().window ?? 0, host: "" } };
      case "editor": {
        const model = this.lent();
        return model
          ? { ask: "editor", info: { kind: "editor", name: model.name, window: model.maxInputTokens, host: model.vendor } }
          : { ask: undefined, info: null };
      }
    }
  }

  /** The editor's model that the server may call. */
  lent(): vscode.LanguageModelChat | undefined {
    const choice = this.choice();
    const wanted = choice.kind === "editor" ? this.available.find((model) => model.id === choice.id) : undefined;
    return wanted ?? this.available.find((model) => model.vendor === "copilot") ?? this.available[0];
  }

  async apiKey(): Promise<string> {
    return (await this.context.secrets.get(SECRET)) ?? "";
  }

  /** True where it is another than before. */
  async setApiKey(): Promise<boolean> {
    const before = await this.apiKey();
    const key = await vscode.window.showInputBox({
      title: "API key of the model's endpoint",
      prompt: "Kept in the editor's secret storage, and given to memls alone. Leave it empty to remove it.",
      password: true,
      ignoreFocusOut: true,
    });
    if (key === undefined || key === before) {
      return false;
    }
    await (key ? this.context.secrets.store(SECRET, key) : this.context.secrets.delete(SECRET));
    return true;
  }

  async choose(): Promise<void> {
    await this.look();
    const items = this.items();
    const picked = await vscode.window.showQuickPick(items, {
      title: "Which model answers?",
      placeHolder: "Code goes to the model that answers, and nowhere else",
      matchOnDescription: true,
    });
    if (picked?.choice) {
      await this.context.globalState.update(KEY, picked.choice);
      this.changes.fire();
    } else if (picked) {
      await vscode.commands.executeCommand(picked.command ?? "");
    }
  }

  dispose(): void {
    this.changes.dispose();
    this.subscriptions.forEach((one) => void one.dispose());
  }

  private choice(): Choice {
    return this.context.globalState.get<Choice>(KEY, { kind: "auto" });
  }

  private items(): (vscode.QuickPickItem & { choice?: Choice; command?: string })[] {
    const now = this.choice();
    const { model } = settings();
    const mark = (choice: Choice): string => (isSame(choice, now) ? "$(check) " : "");
    const row = (choice: Choice, label: string, description: string): vscode.QuickPickItem & { choice: Choice } => ({
      choice,
      label: `${mark(choice)}${label}`,
      description,
    });
    const separator = (label: string): vscode.QuickPickItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
    const endpoint = model ? [row({ kind: "endpoint" }, model, host() || "configured endpoint")] : [];
    const editors = this.available.map((one) =>
      row({ kind: "editor", id: one.id }, one.name, `${one.vendor}, ${one.maxInputTokens.toLocaleString("en")} tokens`));
    return [
      row({ kind: "auto" }, "Automatic", "the configured endpoint, else the editor's model, else none"),
      ...(endpoint.length ? [separator("Endpoint"), ...endpoint] : []),
      ...(editors.length ? [separator("Of this editor"), ...editors] : []),
      separator("Without a language model"),
      row({ kind: "extractive" }, "extractive", "quotes definitions, callers and text; nothing leaves this machine"),
      separator("Set up"),
      { label: "$(gear) Endpoint and model name …", command: "memls.openModelSettings" },
      { label: "$(key) API key …", command: "memls.setApiKey" },
    ];
  }
}

function isSame(one: Choice, other: Choice): boolean {
  return one.kind === other.kind && (one.kind !== "editor" || other.kind !== "editor" || one.id === other.id);
}

function host(): string {
  try {
    return new URL(settings().baseUrl).host;
  } catch {
    return "";
  }
}

/** Forks of VS Code may have no models. */
function hasModels(): boolean {
  const lm = (vscode as Partial<typeof vscode>).lm as Partial<typeof vscode.lm> | undefined;
  return typeof lm?.selectChatModels === "function";
}
