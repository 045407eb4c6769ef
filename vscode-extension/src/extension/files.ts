/** Files of the repository that is asked, between the index's names and the editor's. */

import { realpath } from "node:fs/promises";
import * as path from "node:path";
import * as vscode from "vscode";
import type { Attachment } from "../protocol";
import { fileOf, pathOf, type Folder } from "./places";

export class Files {
  private folders: Folder[] = [];

  /** `base` is the folder that the index is of, as the server names it, or the uri of a root before it did. */
  constructor(private readonly base: () => string) {}

  /** The editor's folders may be links: the index has the real ones. */
  async look(): Promise<void> {
    const local = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
    this.folders = await Promise.all(local.map(async ({ uri: { fsPath } }) => {
      return { path: fsPath, real: await realpath(fsPath).catch(() => fsPath) };
    }));
  }

  uri(file: string, base = this.base()): vscode.Uri | null {
    const found = fileOf(asPath(base), file, this.folders);
    return found === null ? null : vscode.Uri.file(found);
  }

  path(uri: vscode.Uri): string | null {
    const base = this.base();
    return uri.scheme === "file" && base ? pathOf(asPath(base), uri.fsPath, this.folders) : null;
  }

  /** The lines that are selected, or nothing where none are, or the file is of no repository. */
  selected(editor: vscode.TextEditor | undefined): Attachment | null {
    const file = editor && !editor.selection.isEmpty ? this.path(editor.document.uri) : null;
    return editor && file !== null ? { path: file, ...lines(editor.selection) } : null;
  }

  /** The lines selected, else the line of the cursor. */
  around(editor: vscode.TextEditor | undefined): Attachment | null {
    const file = editor ? this.path(editor.document.uri) : null;
    return editor && file !== null ? { path: file, ...lines(editor.selection) } : null;
  }
}

/** A selection that ends before the first character of a line leaves that line out. */
export function lines({ start, end }: vscode.Range): { start: number; end: number } {
  const last = end.line > start.line && end.character === 0 ? end.line : end.line + 1;
  return { start: start.line + 1, end: last };
}

function asPath(base: string): string {
  return path.normalize(/^[a-z][a-z0-9+.-]+:/i.test(base) ? vscode.Uri.parse(base).fsPath : base);
}
