/** The model's window as it is: how full, of what, and what the user can change. */

import type { ComponentChild } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { State } from "../../chat/contract";
import { useApp } from "../app";
import { name, prose } from "../plain";
import { count } from "../words";
import { IconButton } from "./button";
import { Fold } from "./fold";
import { Meter } from "./meter";
import { Pages } from "./pages";

export function Memory({ state, onClose }: { state: State; onClose: () => void }): ComponentChild {
  const { store } = useApp();
  const { context } = state.memory;
  const head = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    store.send({ type: "refresh_memory" });
    head.current?.focus();
  }, []);
  return (
    <section class="side memory" aria-labelledby="memory-title">
      <div class="side-head">
        <h2 id="memory-title" tabIndex={-1} ref={head}>The model’s window</h2>
        <IconButton icon="refresh" label="Refresh" onClick={() => { store.send({ type: "refresh_memory" }); }} />
        <IconButton icon="close" label="Close the window’s view" keys="Esc" onClick={onClose} />
      </div>
      <div class="side-body">
        <Meter memory={state.memory} />
        {context && (
          <>
            <h3>Code pages</h3>
            <Pages pages={context.pages} />
            <Blocks blocks={context.blocks} limits={context.block_limits} />
            {context.summary && (
              <Fold name="summary" className="summary" head={<span>What was summed up</span>} open={false}>
                <p class="prose" dir="auto">{prose(context.summary)}</p>
              </Fold>
            )}
          </>
        )}
      </div>
    </section>
  );
}

const WHAT: Record<string, string> = {
  task: "What this conversation is about, and found so far",
  project: "What holds for this repository",
  user: "What holds for you",
};

function Blocks({ blocks, limits }: { blocks: Record<string, string>; limits: Record<string, number> }): ComponentChild {
  return (
    <>
      <h3>Memory blocks</h3>
      <p class="dim">They are in every request, and the model may change them too.</p>
      {Object.entries(blocks).map(([block, text]) => (
        <Block key={block} block={block} text={text} limit={limits[block] ?? 0} />
      ))}
    </>
  );
}

/** A word of the server's, not ours: it counts a token for every three bytes. */
function tokens(text: string): number {
  return Math.ceil(new TextEncoder().encode(text).length / 3);
}

function Block({ block, text, limit }: { block: string; text: string; limit: number }): ComponentChild {
  const { store } = useApp();
  const [draft, setDraft] = useState<string | null>(null);
  const sent = useRef<string | null>(null);
  const value = draft ?? text;
  const size = tokens(value);
  const tooLong = limit > 0 && size > limit;
  const changed = draft !== null && draft !== text;
  const id = `block-${name(block)}`;
  const save = (): void => {
    if (changed && !tooLong) {
      store.send({ type: "block", name: block, text: value });
      sent.current = value;
    }
  };
  useEffect(() => {
    if (sent.current === draft) { // the draft stays until the server has it, and what was typed since stays too
      setDraft(null);
    }
    sent.current = null;
  }, [text]);
  return (
    <form
      class="block"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <label for={id} title={WHAT[block]}>{name(block)}</label>
      <span class={`dim ${tooLong ? "bad" : ""}`} id={`${id}-size`}>
        {limit ? `${size.toLocaleString("en")} of ${count(limit, "token")}${tooLong ? ": too long" : ""}` : count(size, "token")}
      </span>
      <textarea
        id={id}
        class="field growing"
        dir="auto"
        rows={2}
        value={value}
        placeholder="Empty"
        aria-describedby={`${id}-size`}
        aria-invalid={tooLong}
        onInput={(event) => { setDraft(event.currentTarget.value); }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            save();
          } else if (event.key === "Escape" && changed) {
            event.stopPropagation();
            setDraft(null);
          }
        }}
      />
      {changed && (
        <div class="buttons">
          <button type="submit" class="primary" disabled={tooLong} title="Save (Ctrl+Enter)">Save</button>
          <button type="button" class="secondary" onClick={() => { setDraft(null); }}>Undo</button>
        </div>
      )}
    </form>
  );
}
