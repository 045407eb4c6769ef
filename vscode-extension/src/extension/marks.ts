/** Marks in the gutter beside the lines that are in the model's window now. */

import * as vscode from "vscode";
import type { PageInfo } from "../protocol";
import type { Files } from "./files";
import { settings } from "./settings";

export class Marks implements vscode.Disposable {
  private pages: PageInfo[] = [];
  private readonly kind: vscode.TextEditorDecorationType;
  private readonly subscription: vscode.Disposable;

  constructor(
    context: vscode.ExtensionContext,
    private readonly files: Files,
  ) {
    const icon = (theme: string): vscode.Uri => vscode.Uri.joinPath(context.extensionUri, "media", `page-${theme}.svg`);
    this.kind = vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      light: { gutterIconPath: icon("light") },
      dark: { gutterIconPath: icon("dark") },
      gutterIconSize: "contain",
      overviewRulerColor: new vscode.ThemeColor("memls.residentForeground"),
      overviewRulerLane: vscode.OverviewRulerLane.Left,
    });
    this.subscription = vscode.window.onDidChangeVisibleTextEditors(() => { this.draw(); });
  }

  show(pages: readonly PageInfo[]): void {
    const resident = pages.filter((page) => page.state === "resident" || page.state === "stale");
    if (JSON.stringify(resident) !== JSON.stringify(this.pages)) {
      this.pages = resident;
      this.draw();
    }
  }

  draw(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const file = settings().marks ? this.files.path(editor.document.uri) : null;
      const pages = this.pages.filter((page) => page.path === file);
      editor.setDecorations(this.kind, pages.map((page) => mark(editor.document, page)));
    }
  }

  dispose(): void {
    this.subscription.dispose();
    this.kind.dispose();
  }
}

function mark(document: vscode.TextDocument, page: PageInfo): vscode.DecorationOptions {
  const range = document.validateRange(new vscode.Range(page.start - 1, 0, page.end - 1, 0));
  const hover = new vscode.MarkdownString();
  hover.appendText(`In the window of memls: ${page.symbol || `lines ${page.start}-${page.end}`}, ${page.detail}, `);
  hover.appendText(`${page.tokens} tokens${page.pinned ? ", pinned" : ""}${page.state === "stale" ? ", out of date" : ""}`);
  return { range, hoverMessage: hover };
}
