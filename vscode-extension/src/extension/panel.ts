/**
 * The chat panel's place in the editor.
 *
 * Its page is thrown away when it is hidden: it keeps draft and scroll by itself, and gets the state anew on `ready`.
 */

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { Controller } from "../chat/controller";
import type { Action, Question } from "../chat/contract";
import { html } from "../panel/html";

export const VIEW = "memls.chat";

export class Panel implements vscode.WebviewViewProvider {
  private view: vscode.WebviewView | undefined;
  /** Whether its page listens: what is posted to it before that is lost. */
  private listens = false;
  private wantsFocus = false;

  constructor(
    private readonly extension: vscode.Uri,
    private readonly controller: Controller,
    /** The first time that somebody looks. */
    private readonly shown: () => void,
  ) {}

  resolveWebviewView(view: vscode.WebviewView): void {
    const { webview } = view;
    const dist = vscode.Uri.joinPath(this.extension, "dist");
    this.view = view;
    const connection = this.controller.connect((update) => void webview.postMessage(update));
    this.listens = false;
    webview.onDidReceiveMessage((message: Action | Question) => {
      connection.receive(message);
      if (message.type === "ready") {
        this.begins();
      }
    });
    view.onDidDispose(() => {
      connection.close();
      this.view = undefined;
      this.listens = false;
    });
    webview.options = { enableScripts: true, localResourceRoots: [dist] };
    const at = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(dist, file)).toString();
    webview.html = html({
      nonce: randomBytes(16).toString("base64"),
      source: webview.cspSource,
      script: at("panel.js"),
      style: at("panel.css"),
    });
    this.shown();
  }

  /** Brings it into sight, with the cursor in its input. */
  async focus(): Promise<void> {
    await vscode.commands.executeCommand(`${VIEW}.focus`);
    this.view?.show(false);
    if (this.listens) {
      this.controller.focus();
    } else {
      this.wantsFocus = true;
    }
  }

  private begins(): void {
    this.listens = true;
    if (this.wantsFocus) {
      this.wantsFocus = false;
      this.controller.focus();
    }
  }
}
