/** Markdown as answers are written in it: no HTML, no images, no links but those that lead out of the editor. */

import MarkdownIt from "markdown-it";
import type { MarkdownIt as Markdown, StateInline } from "markdown-it";
import type { Mention, Span } from "./mentions";
import { spans } from "./mentions";

const LINK = /^(?:https?:\/\/|mailto:)[^\s]/i;

export function mayOpen(href: string): boolean {
  return LINK.test(href);
}

export const parser: Markdown = made();

function made(): Markdown {
  const markdown: Markdown = new MarkdownIt({ html: false, linkify: true, breaks: false, typographer: false });
  markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
  markdown.validateLink = mayOpen;
  markdown.disable(["reference", "html_block", "html_inline"]);
  markdown.inline.ruler.before("text", "citation", citation);
  markdown.inline.ruler.at("text", textUntilCitation);
  drawings(markdown);
  return markdown;
}

/** Spans of the text that is being taken apart. One state takes apart one text. */
const known = new WeakMap<StateInline, Span[]>();

function spansOf(state: StateInline): Span[] {
  let found = known.get(state);
  if (!found) {
    found = spans(state.src);
    known.set(state, found);
  }
  return found;
}

/** Before all other rules: `__init__.py` is no emphasis where it is a citation's path. */
function citation(state: StateInline, silent: boolean): boolean {
  const span = spansOf(state).find(({ from }) => from === state.pos);
  if (!span || span.to > state.posMax) {
    return false;
  }
  if (!silent) {
    for (const mention of span.mentions) {
      state.push("citation", "cite", 0).meta = { ...mention };
    }
  }
  state.pos = span.to;
  return true;
}

const TEXT = /[^\n!#$%&*+\-:<=>@[\\\]^_`{}~]*/y;

function textUntilCitation(state: StateInline, silent: boolean): boolean {
  TEXT.lastIndex = state.pos;
  TEXT.exec(state.src);
  const next = spansOf(state).find(({ from }) => from > state.pos)?.from ?? Infinity;
  const end = Math.min(TEXT.lastIndex, next, state.posMax);
  if (end <= state.pos) {
    return false;
  }
  if (!silent) {
    state.pending += state.src.slice(state.pos, end);
  }
  state.pos = end;
  return true;
}

function drawings(markdown: Markdown): void {
  const { escapeHtml } = markdown.utils;
  const { rules } = markdown.renderer;
  rules["citation"] = (tokens, at) => {
    const { path, start, end } = tokens[at]?.meta as unknown as Mention;
    return `<cite data-path="${escapeHtml(path)}" data-start="${start}" data-end="${end}"></cite>`;
  };
  rules["code_inline"] = (tokens, at) => coded(tokens[at]?.content ?? "", escapeHtml);
  rules["image"] = (tokens, at, options, env, renderer) => {
    const image = tokens[at];
    const src = String(image?.attrGet("src") ?? "");
    const alt = renderer.renderInlineAsText(image?.children ?? [], options, env) || src;
    return mayOpen(src) ? `<a href="${escapeHtml(src)}">${escapeHtml(alt)}</a>` : escapeHtml(alt);
  };
  for (const cell of ["th_open", "td_open"]) {
    rules[cell] = (tokens, at) => {
      const token = tokens[at];
      const align = /right|center/.exec(String(token?.attrGet("style") ?? ""))?.[0];
      return `<${token?.tag ?? "td"}${align ? ` class="${align}"` : ""}>`;
    };
  }
}

/** Code in a line. What it cites can be opened; what is nothing but a citation is no longer shown as code. */
function coded(content: string, escape: (text: string) => string): string {
  let html = "";
  let from = 0;
  const plain = (to: number): void => {
    const text = content.slice(from, to);
    html += text.trim() ? `<code>${escape(text)}</code>` : "";
  };
  for (const span of spans(content)) {
    plain(span.from);
    for (const { path, start, end } of span.mentions) {
      html += `<cite data-path="${escape(path)}" data-start="${start}" data-end="${end}"></cite>`;
    }
    from = span.to;
  }
  plain(content.length);
  return html || `<code>${escape(content)}</code>`;
}
