/** One question and what came of it. */

import type { ComponentChild } from "preact";
import type { Remedy, TurnView } from "../../chat/contract";
import { useApp } from "../app";
import { Icon } from "../icons";
import { name } from "../plain";
import { pure } from "../pure";
import { Answer } from "./answer";
import { IconButton } from "./button";
import { CopyButton } from "./copy";
import { Question } from "./question";
import { Sources } from "./sources";
import { Steps } from "./steps";

interface Props {
  turn: TurnView;
  editing: boolean;
  onEdit: (turn: string) => void;
}

export const Turn = pure(function Turn({ turn, editing, onEdit }: Props): ComponentChild {
  const running = turn.state === "waiting" || turn.state === "running";
  return (
    <article class={`turn ${turn.state}`} data-turn={turn.id} aria-busy={running}>
      <Question turn={turn} editing={editing} onEdit={(on) => { onEdit(on ? turn.id : ""); }} />
      <Steps turn={turn} />
      {turn.text && <Answer text={turn.text} citations={turn.citations} live={running} />}
      <Outcome turn={turn} />
      {!running && turn.citations.length > 0 && <Sources turn={turn.id} citations={turn.citations} />}
      {!running && <Tools turn={turn} />}
    </article>
  );
});

/** What is to be said of an answer beside itself. */
function Outcome({ turn }: { turn: TurnView }): ComponentChild {
  const notes = turn.result?.notes ?? [];
  switch (turn.state) {
    case "failed":
      return <Failed turn={turn} />;
    case "stopped":
      return <p class="outcome dim">{turn.text ? "Stopped: the answer ends here." : "Stopped."}</p>;
    case "incomplete":
      return <Note icon="warning" text={`Incomplete${notes.length ? `: ${notes.map(name).join("; ")}` : ""}.`} />;
    default:
      return notes.length ? <Note icon="info" text={notes.map(name).join("; ")} /> : null;
  }
}

function Note({ icon, text }: { icon: "info" | "warning"; text: string }): ComponentChild {
  return (
    <div class={`callout ${icon}`}>
      <Icon name={icon} />
      <span>{text.charAt(0).toUpperCase() + text.slice(1)}</span>
    </div>
  );
}

function Failed({ turn }: { turn: TurnView }): ComponentChild {
  const { store } = useApp();
  const remedies = turn.remedies && store.state?.around === "page" ? [] : turn.remedies ?? [MODEL]; // a page has no log
  return (
    <div class="callout error">
      <Icon name="error" />
      <div class="callout-body">
        <span dir="auto">{name(turn.failure) || "The question failed."}</span>
        <div class="buttons">
          <button type="button" class="primary" onClick={() => { store.send({ type: "again", turn: turn.id }); }}>
            Try again
          </button>
          {remedies.map((one) => (
            <button
              type="button"
              class="secondary"
              key={one.remedy}
              onClick={() => { store.send(one.remedy === MODEL.remedy ? { type: "choose_model" } : { type: "remedy", remedy: one.remedy }); }}
            >
              {name(one.label)}
            </button>
          ))}
        </div>
      </div>
    </div>
  );
}

/** What may help whatever failed: another model. */
const MODEL: Remedy = { label: "Choose model…", remedy: "choose_model" };

function Tools({ turn }: { turn: TurnView }): ComponentChild {
  const { store } = useApp();
  return (
    <div class="turn-tools">
      {turn.text && <CopyButton text={() => turn.text} label="Copy answer" />}
      {turn.state !== "failed" && (
        <IconButton icon="refresh" label="Ask again" onClick={() => { store.send({ type: "again", turn: turn.id }); }} />
      )}
      {turn.result?.model && <span class="turn-model dim">{name(turn.result.model)}</span>}
    </div>
  );
}
