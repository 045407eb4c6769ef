/** What the panel has the editor do. Whatever comes from a model or a repository is checked here once more. */

import * as vscode from "vscode";
import type { ChosenModel, Editor, Place } from "../chat/backend";
import type { Files } from "./files";

const SCHEMES = new Set(["http", "https", "mailto"]);
const SHOWN = 1500;

export class VscodeEditor implements Editor, vscode.Disposable {
  readonly around = "editor";
  private readonly shine = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor("editor.rangeHighlightBackground"),
    borderColor: new vscode.ThemeColor("editor.rangeHighlightBorder"),
    isWholeLine: true,
  });
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly files: Files,
    private readonly models: { chosen(): ChosenModel; choose(): Promise<void> },
    private readonly heal: (remedy: string) => Promise<void>,
  ) {}

  async open({ base, path, start, end, aside }: Place): Promise<void> {
    const uri = this.files.uri(path, base);
    if (!uri) {
      throw new Error(`${path} is outside the repository`);
    }
    const document = await vscode.workspace.openTextDocument(uri).then((found) => found, () => null);
    if (!document) {
      throw new Error(`${path} is not there any more`);
    }
    const last = document.lineCount - 1;
    const [from, to] = [start, end].map((line) => Math.min(Math.max(line - 1, 0), last)) as [number, number];
    const range = document.validateRange(new vscode.Range(from, 0, Math.max(from, to), Number.MAX_SAFE_INTEGER));
    const editor = await vscode.window.showTextDocument(document, {
      preview: true,
      viewColumn: aside ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active,
    });
    editor.selection = new vscode.Selection(range.start, range.start);
    editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    this.highlight(editor, range);
  }

  async openLink(href: string): Promise<void> {
    const uri = vscode.Uri.parse(href, true);
    if (SCHEMES.has(uri.scheme)) {
      await vscode.env.openExternal(uri);
    }
  }

  async copy(text: string): Promise<void> {
    await vscode.env.clipboard.writeText(text);
  }

  async save(name: string, text: string): Promise<void> {
    const plain = name.replace(/[\\/:*?"<>|\p{Cc}]+/gu, " ").trim().slice(0, 120);
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const uri = await vscode.window.showSaveDialog({
      filters: { Markdown: ["md"] },
      ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, plain) } : {}),
    });
    if (uri) {
      await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
      await vscode.window.showTextDocument(uri, { preview: true });
    }
  }

  chooseModel(): Promise<void> {
    return this.models.choose();
  }

  remedy(remedy: string): Promise<void> {
    return this.heal(remedy);
  }

  tell(line: string): void {
    void vscode.window.showWarningMessage(`memls: ${line}`);
  }

  model(): ChosenModel {
    return this.models.chosen();
  }

  recall(key: string): string {
    return this.context.workspaceState.get<string>(key, "");
  }

  remember(key: string, value: string): void {
    void this.context.workspaceState.update(key, value || undefined);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.shine.dispose();
  }

  private highlight(editor: vscode.TextEditor, range: vscode.Range): void {
    clearTimeout(this.timer);
    editor.setDecorations(this.shine, [range]);
    this.timer = setTimeout(() => { editor.setDecorations(this.shine, []); }, SHOWN);
  }
}
