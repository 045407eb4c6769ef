/** Text of others, made safe to read: nothing in it can hide, or turn what stands beside it around. */

const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** One line. For names: paths, symbols, titles. */
export function name(text: string): string {
  return text.replace(/\s+/g, " ").replace(HIDDEN, code);
}

/** Line breaks, and what right-to-left text is written with. */
const WELCOME = "\n\t\u200b\u200e\u200f\u061c\u00ad\ufeff\u2060";

/** With line breaks. For questions, answers, code. */
export function prose(text: string): string {
  return text.replace(HIDDEN, (mark) => (WELCOME.includes(mark) ? mark : mark === "\r" ? "" : code(mark)));
}

function code(mark: string): string {
  return `\\u${(mark.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
}

export function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function folder(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** `3-9`, or `3` for one line; nothing for a whole file. */
export function lines(start: number | undefined, end: number | undefined): string {
  if (!start) {
    return "";
  }
  return end && end !== start ? `${start}-${end}` : String(start);
}
