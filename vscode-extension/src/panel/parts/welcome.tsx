/** What stands where there is no conversation yet: what one could ask. */

import type { ComponentChild } from "preact";
import type { State } from "../../chat/contract";
import { useApp } from "../app";
import { Icon } from "../icons";
import { prose } from "../plain";
import { count, repository } from "../words";
import { KEYS } from "./keys";

const MOST = 3;

export function Welcome({ state }: { state: State }): ComponentChild {
  const { store } = useApp();
  const { index, server, suggestions } = state;
  const usable = server.state !== "missing" && server.state !== "failed";
  return (
    <div class="welcome">
      <Icon name="library" className="welcome-icon" />
      <h2>{`Ask about ${repository(state) || "your code"}`}</h2>
      <p class="dim">
        {`Answers are read from the code as it is now${state.around === "editor" ? ", unsaved changes included" : ""}. Each line they cite is checked.`}
      </p>
      {usable && index.state === "ready" && index.files !== undefined && (
        <p class="dim">{`${count(index.files, "file")}, ${count(index.symbols ?? 0, "symbol")} indexed`}</p>
      )}
      {usable && suggestions.length > 0 && (
        <ul class="suggestions" aria-label="Questions to begin with">
          {suggestions.slice(0, MOST).map((question) => (
            <li key={question}>
              <button type="button" onClick={() => { store.send({ type: "ask", question, attachments: state.attachments }); }}>
                <Icon name="sparkle" />
                <span dir="auto">{withCode(prose(question))}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <p class="hint dim">{KEYS.slice(0, 3).map(([keys, what]) => <span key={keys}><kbd>{keys}</kbd>{` ${what} `}</span>)}</p>
    </div>
  );
}

/** Names stand in backticks, as in every question. */
function withCode(text: string): ComponentChild {
  const parts = text.split("`");
  return parts.length % 2 ? parts.map((part, at) => (at % 2 ? <code key={at}>{part}</code> : part)) : text;
}
