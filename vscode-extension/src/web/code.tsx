/** Lines of a file with what is around them: where a citation leads. They are read again when the file changes. */

import type { ComponentChild } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Place } from "../chat/backend";
import { coloured } from "../panel/markdown/colours";
import { IconButton } from "../panel/parts/button";
import { basename, folder, lines, name } from "../panel/plain";
import type { CodeLines } from "../protocol";
import { copy } from "./clipboard";
import type { Page } from "./page";
import type { Server } from "./server";

/** Lines before and after those that are meant, and as many more each time that more is wanted. */
const AROUND = 300;
/** How far down the box the first line that is meant stands. */
const DOWN = 0.3;

interface Range {
  first: number;
  last: number;
}

export function CodeView({ place, page, server }: { place: Place; page: Page; server: Server }): ComponentChild {
  const { path, start } = place;
  const end = Math.max(start, place.end);
  const [range, setRange] = useState<Range>({ first: Math.max(1, start - AROUND), last: end + AROUND });
  const { code, failure } = useLines(server, path, range);
  const title = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => { title.current?.focus(); }, []);
  return (
    <section class="code-view" role="dialog" aria-labelledby="code-title">
      <div class="code-view-head">
        <h2 id="code-title" tabIndex={-1} ref={title}>
          <bdi dir="ltr">{`${name(basename(path))}:${lines(start, end)}`}</bdi>
        </h2>
        <IconButton icon="copy" label="Copy path and lines" onClick={() => void copy(`${path}:${lines(start, end)}`)} />
        <IconButton icon="close" label="Close the code" keys="Esc" onClick={() => { page.close(); }} />
        <bdi class="code-view-folder dim" dir="ltr">{name(folder(path)) || "./"}</bdi>
      </div>
      {code && <Lines code={code} start={start} end={end} range={range} onMore={setRange} />}
      {failure && <p class="code-view-note">{failure}</p>}
      {!code && !failure && <p class="code-view-note dim">Reading…</p>}
    </section>
  );
}

interface Props {
  code: CodeLines;
  start: number;
  end: number;
  range: Range;
  onMore: (range: Range) => void;
}

function Lines({ code, start, end, range, onMore }: Props): ComponentChild {
  const shown = useMemo(() => coloured(code.text, code.language), [code.text, code.language]);
  const last = Math.min(end, code.end);
  const { box, mark, onScroll } = useHeld(code);
  if (code.end < start) {
    return <p class="code-view-note">{`The file has ${code.end} lines now.`}</p>;
  }
  return (
    <div
      class="code-view-lines"
      ref={box}
      onScroll={onScroll}
      tabIndex={0}
      role="region"
      aria-label={`Lines ${code.start} to ${code.end}, of which ${lines(start, last)} are cited`}
    >
      {code.start > 1 && (
        <button type="button" class="text-button" onClick={() => { onMore({ ...range, first: Math.max(1, range.first - AROUND) }); }}>
          Show earlier lines
        </button>
      )}
      <div class="code-view-text">
        <div class="code-mark" ref={mark} style={{ "--from": start - code.start, "--number": last - start + 1 }} />
        <pre class="numbers" aria-hidden="true">{numbers(code)}</pre>
        <pre><code>{shown}</code></pre>
      </div>
      {code.end >= range.last && (
        <button type="button" class="text-button" onClick={() => { onMore({ ...range, last: range.last + AROUND }); }}>
          Show later lines
        </button>
      )}
    </div>
  );
}

function numbers({ start, end }: CodeLines): string {
  return Array.from({ length: Math.max(0, end - start + 1) }, (_, at) => start + at).join("\n");
}

interface Held {
  box: { current: HTMLDivElement | null };
  mark: { current: HTMLDivElement | null };
  onScroll: () => void;
}

/** The lines that are meant stay where they are in the box, whatever comes before them. */
function useHeld(code: CodeLines): Held {
  const box = useRef<HTMLDivElement>(null);
  const mark = useRef<HTMLDivElement>(null);
  const held = useRef<number | null>(null);
  const down = (): number => (mark.current?.getBoundingClientRect().top ?? 0) - (box.current?.getBoundingClientRect().top ?? 0);
  useLayoutEffect(() => {
    if (box.current) {
      box.current.scrollTop += down() - (held.current ?? box.current.clientHeight * DOWN);
      held.current = down();
    }
  }, [code]);
  return { box, mark, onScroll: () => { held.current = down(); } };
}

function useLines(server: Server, path: string, { first, last }: Range): { code: CodeLines | null; failure: string } {
  const [found, setFound] = useState<{ code: CodeLines | null; failure: string }>({ code: null, failure: "" });
  useEffect(() => {
    let latest = 0;
    const read = async (): Promise<void> => {
      const number = ++latest;
      const answer = await server.request("memls/read", { path, start: first, end: last }).then(
        (code) => ({ code, failure: "" }),
        (error: unknown) => ({ code: null, failure: `It cannot be read: ${error instanceof Error ? name(error.message) : "nobody says why"}.` }),
      );
      if (number === latest) {
        setFound(answer);
      }
    };
    const closing = [
      server.onChanged(({ all, paths }) => { if (all || paths.includes(path)) { void read(); } }),
      server.onServer(({ state }) => { if (state === "ready") { void read(); } }),
    ];
    void read();
    return () => {
      latest = -1;
      closing.forEach((close) => { close(); });
    };
  }, [server, path, first, last]);
  return found;
}
