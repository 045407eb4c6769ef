/** Before a link leads out of the page: where to. The words of a link are a model's, and may say otherwise. */

import type { ComponentChild } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { name } from "../panel/plain";

export function Leaving({ href, onDone }: { href: string; onDone: () => void }): ComponentChild {
  const box = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => { box.current?.showModal(); }, []);
  return (
    <dialog
      class="leaving"
      ref={box}
      aria-labelledby="leaving-title"
      onClose={onDone}
      onKeyDown={(event) => { event.stopPropagation(); }}
    >
      <h2 id="leaving-title">Open this address?</h2>
      <p dir="ltr">{name(href)}</p>
      <div class="buttons">
        <button type="button" class="secondary" onClick={() => { box.current?.close(); }}>Cancel</button>
        <button
          type="button"
          class="primary"
          onClick={() => {
            window.open(href, "_blank", "noopener,noreferrer");
            box.current?.close();
          }}
        >
          Open in a new tab
        </button>
      </div>
    </dialog>
  );
}
