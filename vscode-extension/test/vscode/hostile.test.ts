/** Whatever a model or a repository says is text: it runs nothing, asks nothing, and leads nowhere. */

import { expect } from "vitest";
import { READ } from "./places";
import { test } from "./world";

const EVIL = "<img src=x onerror=\"document.title='owned'\">";
const NAME = "evil <img src=x onerror=document.title='owned'>.py";
const SYMBOL = "def evil():\n    \"\"\"<script>document.title='owned'</script>\"\"\"\n    return 1\n";

const ANSWER = [
  `Markup: ${EVIL} <script>document.title='owned'</script> <iframe src="https://example.invalid/"></iframe>`,
  "<style>body{display:none}</style><svg onload=\"document.title='owned'\"></svg><a href=\"javascript:document.title='owned'\">raw</a>",
  "[a script](javascript:document.title='owned'), [a command](command:workbench.action.quit), [a file](file:///etc/passwd),",
  "[data](data:text/html,<script>1</script>), [code](vscode://x.y/z), ![a picture](https://example.invalid/pixel.png)",
  "",
  "```html",
  EVIL,
  "```",
  "",
  `| ${EVIL} | b |`,
  "| --- | --- |",
  `| \`${EVIL}\` | c |`,
  "",
  `It stands in [${NAME}:1-3].`,
].join("\n");

const ALLOWED = ["http:", "https:", "mailto:"];

test("hostile words, code and file names are shown as text", async ({ world }) => {
  world.write(NAME, SYMBOL);
  await world.endpoint.script(
    { text: EVIL, calls: [["page_in", { targets: [`${NAME}:1-3`] }]] },
    ANSWER,
    ANSWER, // once more, where a citation is not believed
  );
  const window = await world.open();
  await window.indexed();
  const chat = await window.chat();
  await chat.send(`What is ${EVIL}?`);
  const turn = chat.turn(0);
  await expect.poll(() => turn.place.getAttribute("class"), { timeout: 60_000 }).toMatch(/answered|incomplete/);
  expect(await turn.question.innerText()).toBe(`What is ${EVIL}?`);
  expect(await turn.answer.innerText()).toContain(`Markup: ${EVIL}`);
  expect(await turn.answer.locator("pre").innerText()).toContain(EVIL);
  await chat.openMemory();
  await chat.pages.filter({ hasText: "evil" }).first().waitFor();
  await chat.openSessions();
  await chat.sessions.first().waitFor();

  const body = chat.frame.locator("body");
  expect(await body.locator("script:not([nonce]), #root script, #root iframe, #root style, #root img, #root object, #root embed, #root svg[onload]").count()).toBe(0);
  const links = await body.locator("#root a[href]").evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).protocol));
  expect(links.filter((protocol) => !ALLOWED.includes(protocol))).toEqual([]);
  expect(await body.evaluate((element) => element.ownerDocument.title)).toBe("memls");
  expect(await window.page.title()).not.toContain("owned");
  expect(world.strays.filter((url) => url.includes("example.invalid"))).toEqual([]);
  expect(READ.text).toBeTruthy();
});
