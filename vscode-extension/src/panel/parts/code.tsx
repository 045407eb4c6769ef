/** A block of code in an answer. */

import type { ComponentChild } from "preact";
import { useMemo } from "preact/hooks";
import { coloured } from "../markdown/colours";
import { name } from "../plain";
import { CopyButton } from "./copy";

/** While it grows, longer code stays plain: it would be coloured anew for every word. */
const LIVE = 6000;

export function CodeBlock({ code, language, live }: { code: string; language: string; live: boolean }): ComponentChild {
  const text = code.replace(/\n$/, "");
  const shown = useMemo(() => (live && text.length > LIVE ? text : coloured(text, language)), [text, language, live]);
  return (
    <div class="code-block" dir="ltr">
      <div class="code-head">
        <span class="code-language">{name(language)}</span>
        <CopyButton text={() => text} label="Copy code" />
      </div>
      <pre tabIndex={0} role="group" aria-label={language ? `Code, ${name(language)}` : "Code"}>
        <code>{shown}</code>
      </pre>
    </div>
  );
}
