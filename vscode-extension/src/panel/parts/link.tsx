/** A link out of the editor. The page itself never follows one: the controller opens it, after the editor has asked. */

import type { ComponentChildren, ComponentChild } from "preact";
import { useApp } from "../app";
import { mayOpen } from "../markdown/parser";
import { name } from "../plain";

export function Link({ href, children }: { href: string; children: ComponentChildren }): ComponentChild {
  const { store } = useApp();
  if (!mayOpen(href)) {
    return <span>{children}</span>;
  }
  const open = (): void => { store.send({ type: "open_link", href }); };
  return (
    <a
      role="link"
      tabIndex={0}
      class="link"
      title={name(href)}
      onClick={open}
      onKeyDown={(event) => {
        if (event.key === "Enter") {
          event.preventDefault();
          open();
        }
      }}
    >
      {children}
    </a>
  );
}
