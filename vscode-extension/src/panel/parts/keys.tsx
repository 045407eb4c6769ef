/** What keys do, and the button that says so. */

import type { ComponentChild } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Around } from "../../chat/contract";
import { IconButton } from "./button";

export const KEYS: readonly (readonly [keys: string, what: string, only?: Around])[] = [
  ["Enter", "sends"],
  ["Shift+Enter", "new line"],
  ["@", "adds code"],
  ["↑", "edits the last question, in an empty input"],
  ["Backspace", "takes back the last chip, in an empty input"],
  ["Esc", "closes what is open, else stops the answer"],
  ["Ctrl+click", "opens a citation to the side", "editor"],
  ["P, Delete", "pin and evict, in the table of pages"],
];

export function Keys({ around }: { around: Around }): ComponentChild {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!open) {
      return;
    }
    const close = (event: PointerEvent): void => {
      if (!box.current?.contains(event.target as Node)) {
        setOpen(false);
      }
    };
    document.addEventListener("pointerdown", close);
    return () => { document.removeEventListener("pointerdown", close); };
  }, [open]);
  return (
    <div
      class="keys"
      ref={box}
      onKeyDown={(event) => {
        if (open && event.key === "Escape") {
          event.stopPropagation();
          setOpen(false);
        }
      }}
    >
      <IconButton icon="question" label="Keys" expanded={open} onClick={() => { setOpen(!open); }} />
      {open && (
        <dl class="popup keys-list">
          {KEYS.filter(([, , only]) => !only || only === around).map(([keys, what]) => <div key={keys}><dt><kbd>{keys}</kbd></dt><dd>{what}</dd></div>)}
        </dl>
      )}
    </div>
  );
}
