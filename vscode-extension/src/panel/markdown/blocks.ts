/**
 * An answer in its blocks (paragraphs, lists, code), while it grows.
 *
 * What is read once stays as it was: only the last two blocks can still change. (The one before the last can: the `2`
 * of `1. a\n\n2. b` is a paragraph until its dot is there.) So a long answer costs no more for each word than a short.
 */

import { parser } from "./parser";

export class Blocks {
  /** Text of the blocks that no longer change. */
  private readonly done: string[] = [];
  private text = "";
  private from = 0;

  /** The blocks of the text, which is mostly the one before with something after it. */
  take(text: string): string[] {
    if (!text.startsWith(this.text.slice(0, this.from))) {
      this.done.length = 0;
      this.from = 0;
    }
    this.text = text;
    const tail = text.slice(this.from);
    const starts = beginnings(tail);
    const open = starts.map((start, at) => tail.slice(start, starts[at + 1] ?? tail.length));
    const settled = open.slice(0, -2);
    const all = [...this.done, ...open];
    this.done.push(...settled);
    this.from += starts[settled.length] ?? 0;
    return all;
  }
}

/** Where the outermost blocks begin; the first takes what stands before it. */
function beginnings(text: string): number[] {
  const lines = lineStarts(text);
  const tokens: ReturnType<typeof parser.parse> = [];
  parser.block.parse(normal(text), parser, {}, tokens);
  const starts = tokens.flatMap((token) =>
    token.level === 0 && token.nesting >= 0 && token.map ? [lines[token.map[0]] ?? 0] : [],
  );
  return starts.length ? [0, ...starts.slice(1)] : [];
}

/** As the parser wants it, with every character where it was. */
function normal(text: string): string {
  return text.replaceAll("\0", "\uFFFD").replaceAll("\r", " ");
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    starts.push(at + 1);
  }
  return starts;
}

/** A table is none before its second line is there. */
const HALF_TABLE = /^\s*\|[^\n]*(?:\n[\s:|-]*)?$/;

/** The last block of a text that streams, without what only its rest will show to be a citation or a table. */
export function withoutHalf(text: string): string {
  return HALF_TABLE.test(text) ? "" : text.replace(/\[[^\]\n]{0,160}$/u, "");
}
