/** How the panel reaches its controller: through the editor's webview, or through whatever its page was given. */

import type { Action, Question, Transport, Update } from "../chat/contract";

interface Webview {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare global {
  /** There in a webview of VS Code. */
  var acquireVsCodeApi: (() => Webview) | undefined;
  /** Set before the panel's script where the controller runs in the same page. */
  var memlsTransport: Transport | undefined;
}

export function transport(): Transport {
  if (globalThis.memlsTransport) {
    return globalThis.memlsTransport;
  }
  if (!globalThis.acquireVsCodeApi) {
    throw new Error("the panel needs a transport: a webview, or memlsTransport");
  }
  return throughWebview(globalThis.acquireVsCodeApi());
}

/** Only the page's own origin is heard. The frame that embeds a webview has it too; what it calls its parent is itself. */
function throughWebview(webview: Webview): Transport {
  return {
    send: (message: Action | Question) => { webview.postMessage(message); },
    listen(take) {
      const hear = (event: MessageEvent): void => {
        if (event.origin === window.origin) {
          take(event.data as Update);
        }
      };
      window.addEventListener("message", hear);
      return () => { window.removeEventListener("message", hear); };
    },
    load: () => webview.getState(),
    save: (view) => { webview.setState(view); },
  };
}
