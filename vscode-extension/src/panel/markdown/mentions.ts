/**
 * Places in code that an answer names, as the server finds them (`memls/agent/citations.py`).
 *
 * Repetitions are bounded, so that no answer makes the search slow.
 */

/** A citation as the answer writes it, lines from 1, both included. */
export interface Mention {
  path: string;
  start: number;
  end: number;
}

/** Where mentions stand in a text: several in one pair of brackets are one span. */
export interface Span {
  from: number;
  to: number;
  mentions: Mention[];
}

const RANGE = String.raw`L?(\d{1,9})(?:\s*[-–—]\s*L?(\d{1,9}))?`;
const BRACKET = /\[([^[\]\n]{1,500}?[:#]L?\d[^[\]\n]{0,300})\]/gu;
const W = String.raw`\p{L}\p{N}_`;
const BARE = new RegExp(
  String.raw`(?<![${W}/.\\:])((?:[${W}.@+\-]{1,120}/){0,40}[${W}@+\-][${W}.@+\-]{0,120}\.[A-Za-z][${W}]{0,40})[:#](?=L?\d)${RANGE}`,
  "gu",
);
const ITEM = new RegExp(String.raw`^\s*${"`"}?(?:(.*?\S)[:#])?(?=L?\d)${RANGE}(?::\d{1,5})?${"`"}?\s*$`, "u");
const HOST = /^[\p{L}\p{N}_.-]+\.(?:com|org|net|io|dev|local)$/iu;
/** A model that writes `[a.py:3](a.py#L3)` means one place. */
const TARGET = /\([^()\s]{1,300}\)/y;

export function spans(text: string): Span[] {
  const bracketed = [...text.matchAll(BRACKET)].flatMap((match) => {
    const mentions = inBrackets(match[1] ?? "");
    return mentions.length ? [{ from: match.index, to: past(text, match.index + match[0].length), mentions }] : [];
  });
  const bare = [...text.matchAll(BARE)].flatMap((match) => {
    const [all, path = "", start = "", end] = match;
    const within = bracketed.some(({ from, to }) => from <= match.index && match.index < to);
    return within || HOST.test(path)
      ? []
      : [{ from: match.index, to: match.index + all.length, mentions: [mention(path, start, end)] }];
  });
  return [...bracketed, ...bare].sort((one, other) => one.from - other.from);
}

function past(text: string, end: number): number {
  TARGET.lastIndex = end;
  return TARGET.test(text) ? TARGET.lastIndex : end;
}

function inBrackets(text: string): Mention[] {
  const found: Mention[] = [];
  let path = "";
  for (const item of text.split(/[,;]|\s(?:and|&)\s/)) {
    const match = ITEM.exec(item);
    if (!match) {
      break;
    }
    path = (match[1] ?? path).trim().replace(/^`+|`+$/g, "");
    if (/\p{L}/u.test(path)) {
      found.push(mention(path, match[2] ?? "", match[3])); // not a time or a version
    }
  }
  return found;
}

function mention(path: string, start: string, end: string | undefined): Mention {
  const first = Number(start);
  const last = Number(end ?? start);
  const plain = /^[A-Za-z]:\\/.test(path) ? path : path.replaceAll("\\", "/");
  return { path: plain.replace(/^\.\//, ""), start: Math.min(first, last), end: Math.max(first, last) };
}
