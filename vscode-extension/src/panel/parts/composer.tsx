/** Where questions are written. */

import type { ComponentChild, TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { State } from "../../chat/contract";
import { useApp } from "../app";
import { Icon } from "../icons";
import { answering, modelName } from "../words";
import { IconButton } from "./button";
import { Chips } from "./chips";
import type { Choice } from "./completion";
import { Choices, optionId, useCompletion, wordAt } from "./completion";
import { Keys } from "./keys";

interface Props {
  state: State;
  /** Asked for by Up in an empty input. */
  onEditLast: () => void;
  onAsked: () => void;
}

export function Composer({ state, onEditLast, onAsked }: Props): ComponentChild {
  const { store, kept } = useApp();
  const [text, setText] = useState(kept.view.draft);
  const [word, setWord] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const cursor = useRef<number | null>(null);
  const completion = useCompletion(word, state.selection, state.index.state);
  const running = state.turns.some((turn) => turn.state === "running" || turn.state === "waiting");
  const noServer = state.server.state === "missing" || state.server.state === "failed";
  const open = word !== null && completion.choices.length > 0;

  const write = (value: string): void => {
    setText(value);
    kept.keep({ draft: value });
  };
  const follow = (): void => {
    const box = field.current;
    setWord(box && box.selectionStart === box.selectionEnd ? wordAt(box.value, box.selectionStart) : null);
  };
  const ask = (): void => {
    if (text.trim() && !running && !noServer) {
      store.send({ type: "ask", question: text.trim(), attachments: state.attachments });
      write("");
      setWord(null);
      onAsked();
    }
  };
  const take = (choice: Choice): void => {
    const before = text.slice(0, field.current?.selectionStart ?? text.length);
    const after = text.slice(before.length);
    const start = before.length - (word ?? "").length - 1;
    const put = choice.text ? `${choice.text}${/^\s/.test(after) ? "" : " "}` : "";
    store.send({ type: "attach", attachment: choice.attachment });
    cursor.current = start + put.length;
    write(before.slice(0, start) + put + after);
    setWord(null);
  };
  const mention = (): void => {
    const box = field.current;
    const at = box?.selectionStart ?? text.length;
    const put = /(?:^|\s)$/.test(text.slice(0, at)) ? "@" : " @";
    cursor.current = at + put.length;
    write(text.slice(0, at) + put + text.slice(at));
    setWord("");
  };
  const onKey = (event: TargetedKeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.isComposing) {
      return;
    }
    if (open && chose(event)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const last = state.attachments.at(-1);
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      ask();
    } else if (event.key === "ArrowUp" && !text && state.turns.length) {
      event.preventDefault();
      onEditLast();
    } else if (event.key === "Backspace" && !text && last) {
      store.send({ type: "detach", attachment: last });
    }
  };
  /** Whether the key was one for the list of choices. */
  const chose = ({ key, shiftKey }: KeyboardEvent): boolean => {
    const choice = completion.choices[completion.at];
    if (key === "ArrowDown" || key === "ArrowUp") {
      completion.move(key === "ArrowDown" ? 1 : -1);
    } else if ((key === "Enter" && !shiftKey) || key === "Tab") {
      if (choice) {
        take(choice);
      }
    } else if (key === "Escape") {
      setWord(null);
    } else {
      return false;
    }
    return true;
  };

  useLayoutEffect(() => {
    if (cursor.current !== null && field.current) {
      field.current.focus();
      field.current.setSelectionRange(cursor.current, cursor.current);
      cursor.current = null;
    }
  });
  useLayoutEffect(() => { if (field.current) { grow(field.current); } }, [text]);
  useEffect(() => {
    const heed = (): void => {
      const { wish } = store;
      store.wish = null;
      if (wish?.type === "draft") {
        write(wish.text);
        cursor.current = wish.text.length;
      }
      if (wish) {
        field.current?.focus();
      }
    };
    heed();
    return store.onWish(heed);
  }, []);

  return (
    <form
      class="composer"
      aria-label="Ask"
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      {open && <Choices completion={completion} take={take} />}
      <div class="composer-box">
        <Chips attachments={state.attachments} selection={state.selection} />
        <textarea
          ref={field}
          class="growing"
          rows={1}
          dir="auto"
          value={text}
          placeholder={state.turns.length ? "Ask further" : "Ask about this repository"}
          aria-label="Question"
          aria-autocomplete="list"
          aria-controls={open ? "choices" : undefined}
          aria-activedescendant={open ? optionId(completion.at) : undefined}
          onInput={(event) => {
            write(event.currentTarget.value);
            follow();
          }}
          onSelect={follow}
          onFocus={follow}
          onBlur={() => { setWord(null); }}
          onKeyDown={onKey}
        />
        <div class="composer-line">
          <Model state={state} />
          <Keys around={state.around} />
          <IconButton icon="mention" label="Add code" keys="@" onClick={mention} />
          {running
            ? <IconButton icon="stop" label="Stop" keys="Esc" className="send" onClick={() => { store.send({ type: "stop" }); }} />
            : (
              <button
                type="submit"
                class="icon-button send"
                aria-label="Send"
                title={noServer ? "There is no server to ask" : "Send (Enter)"}
                disabled={!text.trim() || noServer}
              >
                <Icon name="send" />
              </button>
            )}
        </div>
      </div>
    </form>
  );
}

function Model({ state }: { state: State }): ComponentChild {
  const { store } = useApp();
  const { model } = state;
  return (
    <button
      type="button"
      class="model"
      title={`${model ? `Answers: ${answering(model)}` : "Nothing is chosen to answer"}. Click to choose.`}
      onClick={() => { store.send({ type: "choose_model" }); }}
    >
      <span class="unseen">Choose the model, now: </span>
      <bdi>{model ? modelName(model) : "Choose model"}</bdi>
      <Icon name="chevron-down" />
    </button>
  );
}

/** For editors whose engine does not know `field-sizing`. */
function grow(box: HTMLTextAreaElement): void {
  if (!CSS.supports("field-sizing", "content")) {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  }
}
