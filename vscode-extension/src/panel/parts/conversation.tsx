/**
 * The conversation, and where it is read.
 *
 * It follows what comes in only while its reader is at the end; who reads further up is left where he is. An answer
 * that comes faster than anybody reads, as those without a model do, is shown from its beginning.
 */

import type { ComponentChild } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { State } from "../../chat/contract";
import { useApp } from "../app";
import { Icon } from "../icons";
import { Turn } from "./turn";
import { Welcome } from "./welcome";

const NEAR = 32;
/** Milliseconds in which nobody reads what fills the panel. */
const AT_ONCE = 1000;

interface Props {
  state: State;
  hidden: boolean;
  editing: string;
  onEdit: (turn: string) => void;
}

export function Conversation({ state, hidden, editing, onEdit }: Props): ComponentChild {
  const { turns, session } = state;
  const latest = turns.at(-1);
  const { frame, content, atEnd, toEnd, onScroll } = useReading(session, turns.length, latest?.text ? latest.id : "");
  return (
    <div class="conversation" inert={hidden} data-hidden={hidden}>
      <div class="scroll" ref={frame} onScroll={onScroll} tabIndex={turns.length ? 0 : -1} role="region" aria-label="Conversation">
        <div class="content" ref={content}>
          {turns.length ? null : <Welcome state={state} />}
          {turns.map((turn) => <Turn key={turn.id} turn={turn} editing={editing === turn.id} onEdit={onEdit} />)}
        </div>
      </div>
      {!atEnd && turns.length > 0 && (
        <button type="button" class="to-end" onClick={toEnd}>
          <Icon name="arrow-down" />
          Jump to latest
        </button>
      )}
    </div>
  );
}

interface Reading {
  frame: { current: HTMLDivElement | null };
  content: { current: HTMLDivElement | null };
  atEnd: boolean;
  toEnd: () => void;
  onScroll: () => void;
}

/** `answered`: the turn that has the last answer, from its first words on. */
function useReading(session: string, number: number, answered: string): Reading {
  const { kept } = useApp();
  const frame = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(kept.view.scroll < 0 || kept.view.session !== session);
  const size = useRef("");
  const [atEnd, setAtEnd] = useState(following.current);

  const toEnd = (): void => {
    following.current = true;
    setAtEnd(true);
    if (frame.current) {
      frame.current.scrollTop = frame.current.scrollHeight;
    }
  };
  const onScroll = (): void => {
    const box = frame.current;
    if (!box) {
      return;
    }
    const near = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    const before = size.current;
    size.current = `${box.clientWidth} ${box.clientHeight} ${box.scrollHeight}`;
    following.current = near || (following.current && size.current !== before); // what grows takes nobody from the end
    setAtEnd(following.current);
    kept.keep({ scroll: following.current ? -1 : box.scrollTop, session });
  };

  useLayoutEffect(() => {
    const { view } = kept;
    if (frame.current && view.session === session && view.scroll >= 0) {
      frame.current.scrollTop = view.scroll;
    } else {
      toEnd();
    }
  }, [session]);

  const before = useRef(number);
  useLayoutEffect(() => {
    if (number > before.current) {
      toEnd(); // a question was asked
    }
    before.current = number;
  }, [number]);

  const begins = useBeginning(answered, frame);
  const scrolled = useRef(onScroll);
  scrolled.current = onScroll;
  useEffect(() => {
    const grown = new ResizeObserver(() => {
      if (following.current && begins()) {
        following.current = false;
        scrolled.current();
      } else if (following.current) {
        toEnd();
      }
    });
    [frame.current, content.current].forEach((box) => { if (box) { grown.observe(box); } });
    return () => { grown.disconnect(); };
  }, []);

  return { frame, content, atEnd, toEnd, onScroll };
}

/** Shows an answer that comes at once from its beginning. Tells whether it did: once for each answer. */
function useBeginning(answered: string, frame: Reading["frame"]): () => boolean {
  const answer = useRef({ of: answered, since: -Infinity });
  if (answered !== answer.current.of) {
    answer.current = { of: answered, since: performance.now() };
  }
  return () => {
    const atOnce = performance.now() - answer.current.since < AT_ONCE;
    const shown = atOnce && frame.current !== null && toBeginning(frame.current);
    if (shown) {
      answer.current.since = -Infinity;
    }
    return shown;
  };
}

/** Where the last answer is longer than what is in sight: its beginning, and of its question what has room above. */
function toBeginning(frame: HTMLElement): boolean {
  const turn = frame.querySelector(".turn:last-of-type");
  const answer = turn?.querySelector(".answer");
  if (!turn || !answer || answer.clientHeight < frame.clientHeight) {
    return false;
  }
  const top = (one: Element): number => one.getBoundingClientRect().top;
  frame.scrollTop += Math.max(top(turn), top(answer) - frame.clientHeight / 2) - top(frame);
  return true;
}
