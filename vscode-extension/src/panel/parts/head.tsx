/** The panel's first line: which conversation, which repository, how full the window. */

import type { ComponentChild } from "preact";
import type { State } from "../../chat/contract";
import { useApp } from "../app";
import { Icon } from "../icons";
import type { Place } from "../kept";
import { name } from "../plain";
import { count, repository } from "../words";
import { IconButton } from "./button";
import { Bar, fill, share } from "./meter";

export function Head({ state, place }: { state: State; place: Place }): ComponentChild {
  const { store, go } = useApp();
  const inPage = state.around === "page";
  const title = name(state.title) || (state.turns.length ? "Untitled" : "New conversation");
  const flip = (to: Place) => (): void => { go(place === to ? "chat" : to); };
  return (
    <header class="head">
      <h1 class="unseen">memls</h1>
      {inPage && <Repository state={state} />}
      <button
        type="button"
        class="head-title"
        data-opens="sessions"
        aria-expanded={place === "sessions"}
        title={`${title}\nConversations of this repository`}
        onClick={flip("sessions")}
      >
        <Icon name="history" />
        <span class="unseen">Conversations, now: </span>
        <bdi>{title}</bdi>
        <Icon name="chevron-down" />
      </button>
      {!inPage && <Roots state={state} />}
      <IconButton icon="add" label="New conversation" onClick={() => {
        store.send({ type: "new" });
        go("chat");
      }} />
      <WindowButton state={state} expanded={place === "window"} onClick={flip("window")} />
    </header>
  );
}

/** What a page is about; an editor says it elsewhere. */
function Repository({ state }: { state: State }): ComponentChild {
  return state.roots.length > 1
    ? <Roots state={state} />
    : <span class="repository"><Icon name="library" /><bdi>{repository(state) || "memls"}</bdi></span>;
}

function Roots({ state }: { state: State }): ComponentChild {
  const { store } = useApp();
  return state.roots.length > 1 ? (
    <select
      class="roots"
      aria-label="Repository"
      value={state.root}
      onChange={(event) => { store.send({ type: "choose_root", uri: event.currentTarget.value }); }}
    >
      {state.roots.map((root) => <option key={root.uri} value={root.uri}>{name(root.name)}</option>)}
    </select>
  ) : null;
}

function WindowButton({ state, expanded, onClick }: { state: State; expanded: boolean; onClick: () => void }): ComponentChild {
  const full = fill(state.memory);
  const said = full.window ? `${share(full)} % of ${count(full.window, "token")} used` : "nothing in it yet";
  return (
    <button
      type="button"
      class="window-button"
      data-opens="window"
      aria-expanded={expanded}
      title={`The model’s window: ${said}`}
      aria-label={`The model’s window: ${said}`}
      onClick={onClick}
    >
      <Icon name="layers" />
      {full.window > 0 && <><Bar full={full} /><span class="number">{`${share(full)} %`}</span></>}
    </button>
  );
}
