/** The code of a place, shown beside what names it. */

import type { ComponentChild } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { CodeLines } from "../../protocol";
import type { Target } from "../app";
import { useApp } from "../app";
import { coloured } from "../markdown/colours";
import { Icon } from "../icons";
import { name, lines, folder, basename } from "../plain";
import { cited, STATUS_SHORT } from "../words";
import { MARKS } from "./cite";

const MOST_LINES = 40;
const GAP = 4;

interface Props {
  anchor: HTMLElement;
  target: Target;
  generation: number;
  onEnter: () => void;
  onLeave: () => void;
}

export function Card({ anchor, target, generation, onEnter, onLeave }: Props): ComponentChild {
  const box = useRef<HTMLDivElement>(null);
  const { code, failure } = useCode(target, generation);
  const { citation } = target;
  useLayoutEffect(() => {
    if (box.current) {
      put(box.current, anchor);
    }
  });
  useEffect(() => {
    anchor.setAttribute("aria-describedby", "card");
    return () => { anchor.removeAttribute("aria-describedby"); };
  }, [anchor]);
  return (
    <div class="card" id="card" role="tooltip" ref={box} onPointerEnter={onEnter} onPointerLeave={onLeave}>
      <div class="card-head">
        <bdi dir="ltr"><span class="dim">{name(folder(target.path))}</span>{name(basename(target.path))}</bdi>
        <span class="dim">{lines(target.start, target.end)}</span>
      </div>
      {citation && (
        <div class={`card-status ${citation.status}`}>
          <Icon name={MARKS[citation.status]} className="mark" />
          <span>{cited(citation)}</span>
          <span class="unseen">{STATUS_SHORT[citation.status]}</span>
        </div>
      )}
      {code && <Lines code={code} />}
      {failure && <div class="card-note">{failure}</div>}
      {!code && !failure && <div class="card-note dim">Reading…</div>}
    </div>
  );
}

function Lines({ code }: { code: CodeLines }): ComponentChild {
  const all = code.text.replace(/\n$/, "").split("\n");
  const shown = all.slice(0, MOST_LINES);
  const text = shown.join("\n");
  const coloredText = useMemo(() => coloured(text, code.language), [text, code.language]);
  return (
    <div class="card-code" dir="ltr" tabIndex={0} role="group" aria-label="Code">
      <pre class="numbers" aria-hidden="true">{shown.map((_, at) => code.start + at).join("\n")}</pre>
      <pre><code>{coloredText}</code></pre>
      {all.length > shown.length && <div class="card-note dim">{`… and ${all.length - shown.length} more lines`}</div>}
    </div>
  );
}

function useCode(target: Target, generation: number): { code: CodeLines | null; failure: string } {
  const { store } = useApp();
  const [found, setFound] = useState<{ code: CodeLines | null; failure: string }>({ code: null, failure: "" });
  const { path, start, end } = target;
  useEffect(() => {
    let wanted = true;
    store.ask("read", { path, start, end: Math.min(end, start + MOST_LINES + 1_000) }).then(
      (code) => { if (wanted) { setFound({ code, failure: "" }); } },
      (error: unknown) => {
        if (wanted) {
          setFound({ code: null, failure: error instanceof Error ? name(error.message) : "It cannot be read." });
        }
      },
    );
    return () => { wanted = false; };
  }, [path, start, end, generation]);
  return found;
}

/** Below the anchor where there is room, else above; never wider than the page. */
function put(box: HTMLElement, anchor: HTMLElement): void {
  const at = anchor.getBoundingClientRect();
  const { clientWidth: width, clientHeight: height } = document.documentElement;
  const own = box.getBoundingClientRect();
  const below = at.bottom + GAP;
  const top = below + own.height <= height || at.top < height - at.bottom ? below : at.top - GAP - own.height;
  box.style.top = `${Math.max(GAP, Math.min(top, height - own.height - GAP))}px`;
  box.style.left = `${Math.max(8, Math.min(at.left, width - own.width - 8))}px`;
}
