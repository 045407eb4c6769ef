/** States whose every text was written by somebody who means harm. */

import type { State } from "../../../src/chat/contract";
import { STATES } from "./states";
import { citation, context, page, turn } from "./samples";

/** Each tries to run a script, to load something, to lead away, or to pass for something else. */
export const STRINGS: string[] = [
  "<script>window.pwned=1</script>",
  "<img src=x onerror=window.pwned=1>",
  "<img src=http://evil.test/pixel.png>",
  "<svg onload=window.pwned=1><circle/></svg>",
  "<svg><script>window.pwned=1</script></svg>",
  "<math><mtext><table><mglyph><style><img src=x onerror=window.pwned=1>",
  "<iframe src=http://evil.test></iframe>",
  "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
  "<object data=http://evil.test></object><embed src=http://evil.test>",
  "<link rel=stylesheet href=http://evil.test/x.css>",
  "<style>@import 'http://evil.test/x.css'; * { background: url(http://evil.test/y) }</style>",
  "<meta http-equiv=refresh content='0;url=http://evil.test'>",
  "<base href=http://evil.test/>",
  "<form action=http://evil.test><button>Send</button></form>",
  "<a href='javascript:window.pwned=1'>click</a>",
  "<video autoplay src=http://evil.test/v.mp4></video><audio src=http://evil.test/a.mp3></audio>",
  "<div style='background:url(http://evil.test/z)' onclick=window.pwned=1 id=root>",
  "<template><script>window.pwned=1</script></template><noscript><p title='</noscript><img src=x onerror=window.pwned=1>'>",
  "<details open ontoggle=window.pwned=1><summary>x</summary></details>",
  "[click](javascript:window.pwned=1)",
  "[click](JaVaScRiPt&#58;window.pwned=1)",
  "[click](data:text/html,<script>window.pwned=1</script>)",
  "[click](vbscript:window.pwned=1)",
  "[click](command:workbench.action.terminal.new)",
  "[click](file:///etc/passwd)",
  "[click](//evil.test/x)",
  "[click](vscode://evil.test/x)",
  "![pixel](http://evil.test/pixel.png)",
  "![x](javascript:window.pwned=1)",
  "![x](data:image/svg+xml,<svg onload=window.pwned=1>)",
  "<javascript:window.pwned=1> <command:x> <http://evil.test/auto>",
  "[ref]: javascript:window.pwned=1\n[ref]",
  "[a](http://evil.test \"x\\\" onmouseover=window.pwned=1 y=\\\"\")",
  "[x.py\" onmouseover=window.pwned=1 y=\":3-4]",
  "`<cite data-path=\"javascript:window.pwned=1\" data-start=\"1\" data-end=\"1\">x</cite>`",
  "<cite data-path='http://evil.test' data-start='1' data-end='1'>verified</cite>",
  "[<img src=x onerror=window.pwned=1>.py:1-2]",
  "```html\n<script>window.pwned=1</script><img src=x onerror=window.pwned=1>\n```",
  "```\"><script>window.pwned=1</script>\nx\n```",
  "```python\" onload=\"window.pwned=1\n</code></pre><script>window.pwned=1</script>\n```",
  "| <img src=x onerror=window.pwned=1> | a |\n| --- | ---:\" onload=x |\n| <script>window.pwned=1</script> | b |",
  "# <img src=x onerror=window.pwned=1>\n> <script>window.pwned=1</script>\n- <svg onload=window.pwned=1>",
  "{{constructor.constructor('window.pwned=1')()}} ${window.pwned=1}",
  "\u202Eexe.gpj\u202C \u2066hidden\u2069 \u0000\u001b[31mred",
  "]]><!--<img src=x onerror=window.pwned=1>--><![CDATA[<script>window.pwned=1</script>",
  "&lt;script&gt;window.pwned=1&lt;/script&gt; &#x3c;img src=x onerror=window.pwned=1&#x3e;",
  "a-".repeat(4000),
  `${"[".repeat(2000)}a.py:1`,
  `${"> ".repeat(300)}deep`,
  "__proto__ constructor toString hasOwnProperty",
];

const base = STATES["answered"]!;

/** One string wherever a text of others is shown. */
function poisoned(bad: string): State {
  const info = page(1, { id: bad, path: bad, symbol: bad });
  const cited = citation(bad, 1, 2, "stale", { reason: bad });
  return {
    ...base,
    title: bad,
    session: "s1",
    sessions: [{ name: bad, title: bad, used: bad, messages: 1 }],
    suggestions: [bad],
    model: { kind: "endpoint", name: bad, window: 1, host: bad },
    index: { ...base.index, state: "failed", error: bad },
    roots: [{ name: bad, uri: bad }, { name: "b", uri: "b" }],
    attachments: [{ path: bad, symbol: bad }],
    selection: { path: bad, start: 1, end: 2 },
    memory: {
      context: context([info], { blocks: { [bad]: bad }, block_limits: {}, summary: bad, parts: { [bad]: 5 } }),
      parts: { [bad]: 5, pages: 7 },
      window: 100,
    },
    turns: [
      turn("t1", {
        question: bad,
        attachments: [{ path: bad, symbol: bad }],
        text: `${bad}\n\ntext ${bad} text [${bad}:1-2]\n\n- ${bad}\n\n**${bad}**`,
        citations: [cited],
        steps: [
          { type: "page_in", page: info },
          { type: "page_out", page: info, reason: bad },
          { type: "interrupt", kind: bad, text: bad },
          { type: "retracted", reason: bad, text: bad },
          { type: "syscall", name: bad, arguments: { query: bad, [bad]: bad }, ok: false, summary: bad },
          { type: "syscall", name: "find", arguments: { query: bad, path: bad, kind: bad }, ok: true, summary: bad },
        ],
        result: { ...base.turns[0]!.result!, notes: [bad], model: bad },
      }),
      turn("t2", { state: "failed", failure: bad, text: "", remedies: [{ label: bad, remedy: bad }] }),
    ],
  };
}

export const HOSTILE: Record<string, State> = Object.fromEntries(STRINGS.map((bad, at) => [`hostile-${at}`, poisoned(bad)]));
