/** The conversations of this repository: to find, open, rename, export and delete. */

import type { ComponentChild } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { State } from "../../chat/contract";
import type { SessionInfo } from "../../protocol";
import { useApp } from "../app";
import { Icon } from "../icons";
import { name } from "../plain";
import { ago, count } from "../words";
import { IconButton } from "./button";

const PAUSE = 120;

export function Sessions({ state, onClose }: { state: State; onClose: () => void }): ComponentChild {
  const { store } = useApp();
  const [query, setQuery] = useState("");
  const shown = useFound(query, state.sessions);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => { field.current?.focus(); }, []); // before the next key comes
  const begin = (): void => {
    store.send({ type: "new" });
    onClose();
  };
  return (
    <section class="side sessions" aria-labelledby="sessions-title">
      <div class="side-head">
        <h2 id="sessions-title">Conversations</h2>
        <IconButton icon="add" label="New conversation" onClick={begin} />
        <IconButton icon="close" label="Close the list" keys="Esc" onClick={onClose} />
      </div>
      <div class="search">
        <Icon name="search" />
        <input
          ref={field}
          type="search"
          value={query}
          placeholder="Search"
          aria-label="Search conversations"
          onInput={(event) => { setQuery(event.currentTarget.value); }}
        />
      </div>
      <div class="side-body">
        {shown.length ? null : <p class="dim">{query ? "Nothing found." : "No conversations yet."}</p>}
        <ul class="session-list">
          {shown.map((session) => (
            <Session key={session.name} session={session} open={session.name === state.session} onOpen={onClose} />
          ))}
        </ul>
      </div>
    </section>
  );
}

/** All, or those that the server finds; until it answers, those whose title has it. */
function useFound(query: string, sessions: readonly SessionInfo[]): readonly SessionInfo[] {
  const { store } = useApp();
  const [found, setFound] = useState<{ query: string; sessions: readonly SessionInfo[] } | null>(null);
  const wanted = query.trim();
  useEffect(() => {
    if (!wanted) {
      return;
    }
    let latest = true;
    const timer = setTimeout(() => {
      store.ask("search_sessions", { query: wanted }).then(
        (answer) => { if (latest) { setFound({ query: wanted, sessions: answer }); } },
        () => { if (latest) { setFound(null); } },
      );
    }, PAUSE);
    return () => {
      latest = false;
      clearTimeout(timer);
    };
  }, [wanted, sessions]);
  if (!wanted) {
    return sessions;
  }
  if (found?.query === wanted) {
    return found.sessions;
  }
  return sessions.filter(({ title }) => title.toLowerCase().includes(wanted.toLowerCase()));
}

function Session({ session, open, onOpen }: { session: SessionInfo; open: boolean; onOpen: () => void }): ComponentChild {
  const { store } = useApp();
  const [doing, setDoing] = useState<"" | "rename" | "forget">("");
  const title = name(session.title) || "Untitled";
  const done = (): void => { setDoing(""); };
  if (doing === "rename") {
    return <Renaming session={session} onDone={done} />;
  }
  if (doing === "forget") {
    return <Forgetting session={session} title={title} onDone={done} />;
  }
  return (
    <li class={`session ${open ? "open" : ""}`}>
      <button
        type="button"
        class="session-open"
        aria-current={open}
        title={title}
        onClick={() => {
          store.send({ type: "open_session", session: session.name });
          onOpen();
        }}
      >
        <bdi class="session-title">{title}</bdi>
        <span class="dim">{[ago(session.used, Date.now()), count(session.messages, "message")].filter(Boolean).join(" · ")}</span>
      </button>
      <div class="session-tools">
        <IconButton icon="edit" label={`Rename ${title}`} onClick={() => { setDoing("rename"); }} />
        <IconButton icon="export" label={`Export ${title}`} onClick={() => { store.send({ type: "export", session: session.name }); }} />
        <IconButton icon="trash" label={`Delete ${title}`} onClick={() => { setDoing("forget"); }} />
      </div>
    </li>
  );
}

function Renaming({ session, onDone }: { session: SessionInfo; onDone: () => void }): ComponentChild {
  const { store } = useApp();
  const [title, setTitle] = useState(session.title);
  const field = useRef<HTMLInputElement>(null);
  const over = useRef(false); // what is taken from the page loses the focus once more
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const end = (): void => {
    over.current = true;
    onDone();
  };
  const save = (): void => {
    if (over.current) {
      return;
    }
    if (title.trim() && title !== session.title) {
      store.send({ type: "rename", session: session.name, title: title.trim() });
    }
    end();
  };
  return (
    <li class="session renaming">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <input
          ref={field}
          class="field"
          value={title}
          dir="auto"
          aria-label="Title of the conversation"
          onInput={(event) => { setTitle(event.currentTarget.value); }}
          onBlur={save}
          onKeyDown={(event) => {
            if (event.key === "Escape") {
              event.stopPropagation();
              end();
            }
          }}
        />
      </form>
    </li>
  );
}

function Forgetting({ session, title, onDone }: { session: SessionInfo; title: string; onDone: () => void }): ComponentChild {
  const { store } = useApp();
  const no = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => { no.current?.focus(); }, []);
  return (
    <li
      class="session forgetting"
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          onDone();
        }
      }}
    >
      <span>{`Delete “${title}”?`}</span>
      <div class="buttons">
        <button type="button" class="secondary" ref={no} onClick={onDone}>Keep</button>
        <button
          type="button"
          class="primary"
          onClick={() => {
            store.send({ type: "forget", session: session.name });
            onDone();
          }}
        >
          Delete
        </button>
      </div>
    </li>
  );
}
