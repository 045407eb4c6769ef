import { describe, expect, it } from "vitest";
import { Blocks, withoutHalf } from "../../src/panel/markdown/blocks";
import { spans } from "../../src/panel/markdown/mentions";
import { parser } from "../../src/panel/markdown/parser";

/** As `memls/agent/citations.py` finds them. */
const MENTIONS: { text: string; found: string[] }[] = [
  { text: "[a.py:1-3]", found: ["a.py:1-3"] },
  { text: "[src/a.py:9]", found: ["src/a.py:9-9"] },
  { text: "[`src/a.py:1-3`]", found: ["src/a.py:1-3"] },
  { text: "as a.py:1-3 says", found: ["a.py:1-3"] },
  { text: "`a.py:12`", found: ["a.py:12-12"] },
  { text: "[a.py:1-3, 9; b.py:4]", found: ["a.py:1-3", "a.py:9-9", "b.py:4-4"] },
  { text: "[a.py:1 and b.py:2]", found: ["a.py:1-1", "b.py:2-2"] },
  { text: "[a.py#L3-L9]", found: ["a.py:3-9"] },
  { text: "[a.py:9-3]", found: ["a.py:3-9"] },
  { text: "[./src\\a.py:3]", found: ["src/a.py:3-3"] },
  { text: "[C:\\src\\a.py:3]", found: ["C:\\src\\a.py:3-3"] },
  { text: "[Makefile:12]", found: ["Makefile:12-12"] },
  { text: "[src/__init__.py:3-4] and __init__.py:5", found: ["src/__init__.py:3-4", "__init__.py:5-5"] },
  { text: "[a.py:3:14]", found: ["a.py:3-3"] },
  { text: "[a.py:3](src/a.py#L3)", found: ["a.py:3-3"] },
  { text: "at 12:30, [12:30], v1.2:3", found: [] },
  { text: "http://localhost:8000 and example.com:80", found: [] },
  { text: "[see a.py:3]", found: ["see a.py:3-3"] },
  { text: "[not a citation] a.py", found: [] },
];

describe("mentions", () => {
  it.each(MENTIONS)("of $text", ({ text, found }) => {
    const all = spans(text).flatMap(({ mentions }) => mentions);
    expect(all.map(({ path, start, end }) => `${path}:${start}-${end}`)).toEqual(found);
  });
});

const RENDERED: { name: string; text: string; html: string }[] = [
  { name: "a path with underscores is no emphasis", text: "in [src/__init__.py:3] too", html: '<p>in <cite data-path="src/__init__.py" data-start="3" data-end="3"></cite> too</p>\n' },
  { name: "a citation in backticks", text: "`a.py:3`", html: '<p><cite data-path="a.py" data-start="3" data-end="3"></cite></p>\n' },
  { name: "code around a citation", text: "`see a.py:3 now`", html: '<p><code>see </code><cite data-path="a.py" data-start="3" data-end="3"></cite><code> now</code></p>\n' },
  { name: "a link to the same place", text: "[a.py:3](src/a.py#L3).", html: '<p><cite data-path="a.py" data-start="3" data-end="3"></cite>.</p>\n' },
  { name: "no HTML", text: "<b>x</b>", html: "<p>&lt;b&gt;x&lt;/b&gt;</p>\n" },
  { name: "no scripts as links", text: "[x](javascript:alert)", html: "<p>[x](javascript:alert)</p>\n" },
  { name: "no commands as links", text: "[x](command:a.b)", html: "<p>[x](command:a.b)</p>\n" },
  { name: "no files as links", text: "[x](file:///etc/passwd)", html: "<p>[x](file:///etc/passwd)</p>\n" },
  { name: "an image is a link", text: "![a cat](https://x.test/c.png)", html: '<p><a href="https://x.test/c.png">a cat</a></p>\n' },
  { name: "code in a block cites nothing", text: "```\na.py:3\n```", html: "<pre><code>a.py:3\n</code></pre>\n" },
  { name: "quotes in a path stay in their attribute", text: '[a" x="y.py:3]', html: '<p><cite data-path="a&quot; x=&quot;y.py" data-start="3" data-end="3"></cite></p>\n' },
];

describe("rendered", () => {
  it.each(RENDERED)("$name", ({ text, html }) => {
    expect(parser.render(text)).toBe(html);
  });
});

const DOCUMENTS: Record<string, string> = {
  paragraphs: "one\ntwo\n\nthree\n\n\n# head\nfour",
  "a list with numbers, apart": "1. a\n\n2. b\n\n   more of b\n\n3. c\n\nafter",
  "lists of two kinds": "- a\n- b\n  - c\n\n* d\n* e",
  code: "before\n\n```python\nx = 1\n\n\ny = 2\n```\nafter\n~~~\nopen",
  table: "| a | b |\n| - | -: |\n| 1 | 2 |\n\nafter",
  "setext and rules": "title\n===\n\n---\n\n> quote\nlazy\n\n    code\n\nend",
  "windows line ends": "one\r\n\r\n- a\r\n- b\r\n\r\ntwo",
};

describe("blocks", () => {
  it.each(Object.entries(DOCUMENTS))("%s come out as from one piece, however they came in", (_, text) => {
    for (const step of [1, 3, 7, text.length]) {
      const blocks = new Blocks();
      let all: string[] = [];
      for (let end = step; end < text.length + step; end += step) {
        all = blocks.take(text.slice(0, end));
      }
      expect(all.join("")).toBe(text);
      const plain = (html: string): string => html.replace(/\r/g, "");
      expect(plain(all.map((one) => parser.render(one)).join(""))).toBe(plain(parser.render(text)));
    }
  });

  it("stay the same once they are done", () => {
    const text = Array.from({ length: 50 }, (_, at) => `paragraph ${at}`).join("\n\n");
    const blocks = new Blocks();
    const seen = new Map<number, Set<string>>();
    for (let end = 1; end <= text.length; end++) {
      blocks.take(text.slice(0, end)).forEach((block, at, { length }) => {
        if (at < length - 2) {
          seen.set(at, (seen.get(at) ?? new Set()).add(block));
        }
      });
    }
    expect([...seen.values()].every(({ size }) => size === 1)).toBe(true);
    expect(seen.size).toBe(48);
  });

  it("begin anew where the text is another", () => {
    const blocks = new Blocks();
    blocks.take("a\n\nb\n\nc\n\nd");
    expect(blocks.take("x\n\ny")).toEqual(["x\n\n", "y"]);
  });
});

const HALVES: { text: string; shown: string }[] = [
  { text: "it says so [src/a.py:1", shown: "it says so " },
  { text: "it says so [src/a.py:1-3]", shown: "it says so [src/a.py:1-3]" },
  { text: "| a | b", shown: "" },
  { text: "| a | b |\n| --", shown: "" },
  { text: "| a | b |\n| - | - |\n| 1", shown: "| a | b |\n| - | - |\n| 1" },
];

describe("what streams", () => {
  it.each(HALVES)("is shown without its half: $text", ({ text, shown }) => {
    expect(withoutHalf(text)).toBe(shown);
  });
});
