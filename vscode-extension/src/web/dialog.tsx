/** A question of the page's own, over everything else. Escape is no for an answer. */

import type { ComponentChildren, ComponentChild } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

export function Dialog({ title, onDone, children }: { title: string; onDone: () => void; children: ComponentChildren }): ComponentChild {
  const box = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => { dialog?.close(); }; // the focus goes back to where it was
  }, []);
  return (
    <dialog
      class="dialog"
      ref={box}
      aria-labelledby="dialog-title"
      onClose={onDone}
      onKeyDown={(event) => { event.stopPropagation(); }}
    >
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  );
}
