/** The whole panel: what is shown where, and what keys do wherever one is. */

import type { ComponentChild } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { State } from "../../chat/contract";
import type { App, Target } from "../app";
import { AppContext } from "../app";
import type { Kept, Place } from "../kept";
import type { Store } from "../store";
import { useSpoken } from "../spoken";
import { Card } from "./card";
import { Composer } from "./composer";
import { Conversation } from "./conversation";
import { Head } from "./head";
import { Memory } from "./memory";
import { Notice } from "./notice";
import { Sessions } from "./sessions";

/** Width in pixels from which the window's view stands beside the conversation. */
const WIDE = 640;

export function Panel({ store, kept }: { store: Store; kept: Kept }): ComponentChild {
  const state = useStoreState(store);
  const [place, setPlace] = useState<Place>(kept.view.place);
  const [editing, setEditing] = useState(kept.view.editing);
  const { spoken, announce } = useSpoken(state);
  const peeking = usePeek();
  const frame = useRef<HTMLDivElement>(null);
  const wide = useWide(frame, state !== null);

  const go = useCallback((to: Place): void => {
    kept.keep({ place: to });
    setPlace((from) => {
      queueMicrotask(() => { if (to === "chat") { backTo(frame.current, from); } });
      return to;
    });
  }, []);
  const edit = useCallback((turn: string): void => {
    kept.keep({ editing: turn });
    setEditing(turn);
    if (!turn) {
      frame.current?.querySelector<HTMLElement>(".composer textarea")?.focus();
    }
  }, []);
  const app = useMemo<App>(() => ({ store, kept, announce, go, peek: peeking.peek }), []);

  useEffect(() => store.onWish(() => {
    if (!wide.current) {
      go("chat");
    }
  }), []);
  useEscape(() => {
    if (peeking.shown) {
      peeking.close();
    } else if (place !== "chat") {
      go("chat");
    } else if (state?.turns.some((turn) => turn.state === "running" || turn.state === "waiting")) {
      store.send({ type: "stop" });
    }
  });

  if (!state) {
    return <div class="panel loading" aria-busy="true" />;
  }
  const last = state.turns.at(-1);
  const beside = wide.current && place === "window";
  return (
    <AppContext.Provider value={app}>
      <div class={`panel ${beside ? "beside" : ""}`} ref={frame}>
        <Head state={state} place={place} />
        <Notice state={state} />
        <main class="stage">
          <Conversation state={state} hidden={place !== "chat" && !beside} editing={editing} onEdit={edit} />
          {place === "window" && <Memory key={state.session} state={state} onClose={() => { go("chat"); }} />}
          {place === "sessions" && <Sessions state={state} onClose={() => { go("chat"); }} />}
          {peeking.shown && (
            <Card
              key={`${peeking.shown.target.path}:${peeking.shown.target.start}`}
              anchor={peeking.shown.anchor}
              target={peeking.shown.target}
              generation={state.index.generation ?? 0}
              onEnter={peeking.keep}
              onLeave={() => { peeking.peek(null); }}
            />
          )}
        </main>
        <Composer
          state={state}
          onEditLast={() => { if (last) { edit(last.id); } }}
          onAsked={() => { if (place === "sessions") { go("chat"); } }}
        />
        <div class="unseen" role="status" aria-live="polite">{spoken}</div>
      </div>
    </AppContext.Provider>
  );
}

function useStoreState(store: Store): State | null {
  const [state, setState] = useState(store.state);
  useLayoutEffect(() => {
    const follow = (): void => { setState(store.state); };
    follow();
    return store.onState(follow);
  }, []);
  return state;
}

/** The button that opened what is closed now gets the focus back, or else the input. */
function backTo(frame: HTMLElement | null, from: Place): void {
  const held = document.activeElement;
  if (!held || held === document.body || !held.isConnected || held.closest(".side")) {
    (frame?.querySelector<HTMLElement>(`[data-opens="${from}"]`) ?? frame?.querySelector<HTMLElement>(".composer textarea"))?.focus();
  }
}

function useWide(frame: { current: HTMLElement | null }, there: boolean): { current: boolean } {
  const wide = useRef(document.documentElement.clientWidth >= WIDE);
  const [, redraw] = useState(wide.current);
  useEffect(() => {
    if (!frame.current) {
      return;
    }
    const watching = new ResizeObserver(([entry]) => {
      wide.current = (entry?.contentRect.width ?? 0) >= WIDE;
      redraw(wide.current);
    });
    watching.observe(frame.current);
    return () => { watching.disconnect(); };
  }, [there]);
  return wide;
}

function useEscape(escape: () => void): void {
  const latest = useRef(escape);
  latest.current = escape;
  useEffect(() => {
    const hear = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) {
        latest.current();
      }
    };
    document.addEventListener("keydown", hear);
    return () => { document.removeEventListener("keydown", hear); };
  }, []);
}

const OPEN_AFTER = 300;
const CLOSE_AFTER = 200;

interface Shown {
  anchor: HTMLElement;
  target: Target;
}

interface Peek {
  shown: Shown | null;
  peek: App["peek"];
  keep: () => void;
  close: () => void;
}

/** The card of a citation: it opens where the pointer rests, and stays while the pointer is in it. */
function usePeek(): Peek {
  const [shown, setShown] = useState<Shown | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const later = (after: number, next: Shown | null): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => { setShown(next); }, after);
  };
  const peek = (anchor: HTMLElement | null, target?: Target): void => {
    later(anchor ? OPEN_AFTER : CLOSE_AFTER, anchor && target ? { anchor, target } : null);
  };
  const close = (): void => {
    clearTimeout(timer.current);
    setShown(null);
  };
  useEffect(() => {
    const scrolled = (event: Event): void => {
      if (!(event.target instanceof Element && event.target.closest(".card"))) {
        setShown(null); // one that is about to open finds its place then
      }
    };
    document.addEventListener("scroll", scrolled, { capture: true, passive: true });
    return () => { document.removeEventListener("scroll", scrolled, { capture: true }); };
  }, []);
  return { shown, peek, keep: () => { clearTimeout(timer.current); }, close };
}
