/** Code in colours, or as it is where its language is not known. */

import type { ComponentChild } from "preact";
import { prose } from "../plain";
import { clean } from "./clean";
import { highlighted } from "./highlight";

export function coloured(code: string, language: string): ComponentChild {
  const text = prose(code);
  const html = highlighted(text, language);
  return html === null ? text : spans(clean(html));
}

function spans(parent: Node): ComponentChild[] {
  return [...parent.childNodes].map((node) =>
    node instanceof HTMLElement ? <span class={node.className}>{spans(node)}</span> : node.textContent,
  );
}
