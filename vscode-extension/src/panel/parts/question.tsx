/** A question as it was asked; it can be edited, and asked again. */

import type { ComponentChild } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { TurnView } from "../../chat/contract";
import { useApp } from "../app";
import { prose, name } from "../plain";
import { region, regionInFull } from "../words";
import { IconButton } from "./button";
import { Icon } from "../icons";

export function Question({ turn, editing, onEdit }: { turn: TurnView; editing: boolean; onEdit: (on: boolean) => void }): ComponentChild {
  const { store } = useApp();
  if (editing) {
    return <Editing turn={turn} onDone={() => { onEdit(false); }} />;
  }
  return (
    <div class="question">
      <h2 dir="auto">{prose(turn.question)}</h2>
      {turn.attachments.length > 0 && (
        <ul class="chips" aria-label="Code that went along">
          {turn.attachments.map((one) => (
            <li key={regionInFull(one)}>
              <button
                type="button"
                class="chip"
                title={regionInFull(one)}
                onClick={() => { store.send({ type: "open", path: one.path, start: one.start ?? 1, end: one.end ?? one.start ?? 1 }); }}
              >
                <Icon name={one.symbol ? "symbol-method" : "file"} />
                <bdi>{region(one)}</bdi>
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="question-tools">
        <IconButton icon="edit" label="Edit and ask again" onClick={() => { onEdit(true); }} />
      </div>
    </div>
  );
}

function Editing({ turn, onDone }: { turn: TurnView; onDone: () => void }): ComponentChild {
  const { store } = useApp();
  const [text, setText] = useState(turn.question);
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(text.length, text.length);
  }, []);
  const ask = (): void => {
    if (text.trim()) {
      store.send({ type: "again", turn: turn.id, question: text.trim() });
      onDone();
    }
  };
  return (
    <form
      class="question editing"
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <textarea
        ref={field}
        class="field growing"
        dir="auto"
        rows={1}
        value={text}
        aria-label={`Edit the question: ${name(turn.question)}`}
        onInput={(event) => { setText(event.currentTarget.value); }}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.stopPropagation();
            onDone();
          } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            ask();
          }
        }}
      />
      <div class="editing-tools">
        <span class="dim">Asked in a copy of this conversation</span>
        <button type="button" class="secondary" onClick={onDone}>Cancel</button>
        <button type="submit" class="primary" disabled={!text.trim()}>Ask again</button>
      </div>
    </form>
  );
}
