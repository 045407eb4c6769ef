/** One line that opens into more. Whether it is open is kept. */

import type { ComponentChild, ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useApp } from "../app";
import { Icon } from "../icons";

interface Props {
  /** Under which it is kept. */
  name: string;
  className: string;
  head: ComponentChild;
  /** As it is until somebody folds or unfolds it. */
  open: boolean;
  title?: string | undefined;
  children: ComponentChildren;
}

export function Fold({ name, className, head, open, title, children }: Props): ComponentChild {
  const { kept } = useApp();
  const [chosen, setChosen] = useState(kept.view.folds[name]);
  const isOpen = chosen ?? open;
  const flip = (): void => {
    kept.fold(name, !isOpen);
    setChosen(!isOpen);
  };
  return (
    <div class={`fold ${className}`}>
      <button type="button" class="fold-head" aria-expanded={isOpen} title={title} onClick={flip}>
        <Icon name={isOpen ? "chevron-down" : "chevron-right"} />
        {head}
      </button>
      {isOpen && <div class="fold-body">{children}</div>}
    </div>
  );
}
