/** What `@` completes to: files and symbols of the repository, and the selection. */

import type { ComponentChild } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Attachment, Mention } from "../../protocol";
import { useApp } from "../app";
import type { IconName } from "../icons";
import { Icon } from "../icons";
import { name } from "../plain";
import { regionInFull } from "../words";

const PAUSE = 90;
const MOST = 12;

export interface Choice {
  attachment: Attachment;
  icon: IconName;
  label: string;
  detail: string;
  /** What takes the place of `@…` in the question. */
  text: string;
}

export interface Completion {
  choices: Choice[];
  at: number;
  move: (by: number) => void;
  point: (at: number) => void;
}

const WORD = /(?:^|[\s(])@([^\s@]{0,80})$/u;

/** What is being completed where the cursor stands, or null. */
export function wordAt(text: string, cursor: number): string | null {
  return WORD.exec(text.slice(0, cursor))?.[1] ?? null;
}

/** `index`: the state of the index, since what was not found before may be found when it changes. */
export function useCompletion(word: string | null, selection: Attachment | null, index: string): Completion {
  const { store } = useApp();
  const [found, setFound] = useState<Mention[]>([]);
  const [at, setAt] = useState(0);
  const latest = useRef(0);
  useEffect(() => { setAt(0); }, [word]);
  useEffect(() => {
    const number = ++latest.current;
    if (word === null) {
      setFound([]);
      return;
    }
    const timer = setTimeout(() => {
      store.ask("mentions", { query: word }).then(
        (mentions) => { if (number === latest.current) { setFound(mentions); } },
        () => { if (number === latest.current) { setFound([]); } },
      );
    }, PAUSE);
    return () => { clearTimeout(timer); };
  }, [word, index]);
  const choices = word === null ? [] : [...selected(word, selection), ...found.slice(0, MOST).map(choice)];
  const last = Math.max(0, choices.length - 1);
  return {
    choices,
    at: Math.min(at, last),
    move: (by) => { setAt((old) => (Math.min(old, last) + by + choices.length) % Math.max(1, choices.length)); },
    point: setAt,
  };
}

function selected(word: string, selection: Attachment | null): Choice[] {
  return selection && "selection".startsWith(word.toLowerCase())
    ? [{ attachment: selection, icon: "selection", label: "Selection", detail: regionInFull(selection), text: "" }]
    : [];
}

function choice({ kind, path, symbol, start, end, detail }: Mention): Choice {
  const attachment = { path, ...(symbol ? { symbol } : {}), ...(start ? { start, end: Math.max(start, end) } : {}) };
  return {
    attachment,
    icon: icon(kind),
    label: name(symbol || path),
    detail: name(detail || (symbol ? path : "")),
    text: name(symbol || path),
  };
}

function icon(kind: string): IconName {
  if (/file/i.test(kind)) {
    return "file";
  }
  if (/folder|package/i.test(kind)) {
    return "folder";
  }
  if (/class|interface|struct|enum|trait|type/i.test(kind)) {
    return "symbol-class";
  }
  return /variable|constant|field|property/i.test(kind) ? "symbol-variable" : "symbol-method";
}

export function optionId(at: number): string {
  return `choice-${at}`;
}

export function Choices({ completion, take }: { completion: Completion; take: (choice: Choice) => void }): ComponentChild {
  const { choices, at, point } = completion;
  const chosen = useRef<HTMLDivElement>(null);
  useEffect(() => { chosen.current?.scrollIntoView({ block: "nearest" }); }, [at]);
  return (
    <div class="popup choices" role="listbox" id="choices" aria-label="Code to add">
      {choices.map((one, index) => (
        <div
          key={`${one.icon} ${one.label} ${one.detail}`}
          id={optionId(index)}
          ref={index === at ? chosen : null}
          role="option"
          aria-selected={index === at}
          class="choice"
          onPointerMove={() => { point(index); }}
          onPointerDown={(event) => {
            event.preventDefault(); // the cursor stays in the question
            take(one);
          }}
        >
          <Icon name={one.icon} />
          <bdi class="choice-label" dir="ltr">{one.label}</bdi>
          <bdi class="choice-detail dim" dir="ltr">{one.detail}</bdi>
        </div>
      ))}
    </div>
  );
}
