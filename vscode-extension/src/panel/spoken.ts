/** What screen readers say by themselves: that an answer is there, and how it begins; never each word of it. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { State, TurnView } from "../chat/contract";
import { name } from "./plain";
import { tally } from "./words";

const MOST = 600;

export function useSpoken(state: State | null): { spoken: string; announce: (text: string) => void } {
  const [spoken, setSpoken] = useState("");
  const running = useRef("");
  const latest = state?.turns.at(-1);
  useEffect(() => {
    if (!latest) {
      return;
    }
    if (latest.state === "running" || latest.state === "waiting") {
      running.current = latest.id;
    } else if (running.current === latest.id) {
      running.current = "";
      setSpoken(said(latest));
    }
  }, [latest]);
  return { spoken, announce: setSpoken };
}

const BLOCK = /^ *(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^ *\1|(?![\s\S]))/gm;
const MARKS = /`([^`\n]*)`|[`*#>|[\]]|(?<![\p{L}\p{N}_])_|_(?![\p{L}\p{N}_])/gu;

/** Markdown without its marks and its blocks of code; names as they are. */
export function aloud(markdown: string): string {
  return markdown.replace(BLOCK, "").replace(MARKS, "$1");
}

function said(turn: TurnView): string {
  if (turn.state === "failed") {
    return `The question failed: ${name(turn.failure)}`;
  }
  if (turn.state === "stopped") {
    return "Stopped";
  }
  const text = name(aloud(turn.text).trim());
  const answer = text.length > MOST ? `${text.slice(0, MOST)}…` : text;
  return [`Answer: ${answer}`, turn.citations.length ? `Citations: ${tally(turn.citations)}` : ""].filter(Boolean).join(". ");
}
