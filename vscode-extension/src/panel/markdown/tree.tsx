/** From a tree that was cleaned to what is shown: each element drawn anew, with the panel's own parts for code, links and citations. */

import { Fragment, h } from "preact";
import type { ComponentChild, JSX } from "preact";
import { Cite } from "../parts/cite";
import { CodeBlock } from "../parts/code";
import { Link } from "../parts/link";
import { clean } from "./clean";
import { parser } from "./parser";
import { prose } from "../plain";

/** One block of an answer. */
export function drawn(source: string, live: boolean): ComponentChild {
  return [...clean(parser.render(prose(source))).childNodes].map((node) => draw(node, live, true));
}

function children(parent: Node, live: boolean): ComponentChild[] {
  return [...parent.childNodes].map((node) => draw(node, live, false));
}

/** The outermost elements run as their text does, from left to right or from right to left. */
function draw(node: Node, live: boolean, outermost: boolean): ComponentChild {
  if (node instanceof Text) {
    return node.data;
  }
  return node instanceof HTMLElement ? element(node, live, outermost ? { dir: "auto" } : {}) : null;
}

interface Direction {
  dir?: "auto";
}

function element(node: HTMLElement, live: boolean, direction: Direction): ComponentChild {
  const tag = node.tagName.toLowerCase();
  switch (tag) {
    case "a":
      return <Link href={node.getAttribute("href") ?? ""}>{children(node, live)}</Link>;
    case "cite":
      return <Cite path={node.dataset["path"] ?? ""} start={number(node, "start")} end={number(node, "end")} />;
    case "pre":
      return <CodeBlock code={node.textContent} language={language(node)} live={live} />;
    case "table":
      return <div class="table-frame" tabIndex={0} role="group" aria-label="Table"><table>{children(node, live)}</table></div>;
    case "code":
      return <code dir="ltr">{children(node, live)}</code>;
    case "span":
      return <span class={node.className}>{children(node, live)}</span>;
    case "ol":
      return <ol {...direction} start={Number(node.getAttribute("start") ?? 1)}>{children(node, live)}</ol>;
    case "th":
    case "td":
      return h(tag, { class: node.className, dir: "auto" }, children(node, live));
    case "hr":
    case "br":
      return h(tag, {});
    default:
      return block(tag, node, live, direction);
  }
}

const SIMPLE = ["p", "blockquote", "ul", "li", "strong", "em", "s", "thead", "tbody", "tr"];

/** Headings begin below the question's own; what is on no list is shown by what it holds. */
function block(tag: string, node: HTMLElement, live: boolean, direction: Direction): ComponentChild {
  const heading = /^h([1-6])$/.exec(tag)?.[1];
  if (heading) {
    const level = `h${Math.min(6, Number(heading) + 2)}` as keyof JSX.IntrinsicElements;
    return h(level, { class: `heading heading-${heading}`, ...direction }, children(node, live));
  }
  if (!SIMPLE.includes(tag)) {
    return <Fragment>{children(node, live)}</Fragment>;
  }
  return h(tag, { ...direction }, children(node, live));
}

function number(node: HTMLElement, name: "start" | "end"): number {
  return Number(node.dataset[name]) || 1;
}

function language(pre: HTMLElement): string {
  return /language-([\w+#.-]+)/.exec(pre.firstElementChild?.className ?? "")?.[1]?.toLowerCase() ?? "";
}
