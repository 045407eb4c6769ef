/** Before a link leads out of the page: where to. The words of a link are a model's, and may say otherwise. */

import type { ComponentChild } from "preact";
import { name } from "../panel/plain";
import { Dialog } from "./dialog";

export function Leaving({ href, onDone }: { href: string; onDone: () => void }): ComponentChild {
  return (
    <Dialog title="Open this address?" onDone={onDone}>
      <p class="address" dir="ltr">{name(href)}</p>
      <div class="buttons">
        <button type="button" class="secondary" onClick={onDone}>Cancel</button>
        <button
          type="button"
          class="primary"
          onClick={() => {
            window.open(href, "_blank", "noopener,noreferrer");
            onDone();
          }}
        >
          Open in a new tab
        </button>
      </div>
    </Dialog>
  );
}
