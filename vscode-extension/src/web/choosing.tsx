/** Which model answers: the one that the server is set to, none, or another one of the same endpoint. */

import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { modelName } from "../panel/words";
import { EXTRACTIVE } from "./editor";
import { Dialog } from "./dialog";
import type { Choice } from "./page";

const ANOTHER = "Another model of the server’s endpoint";

export function Choosing({ choice: { now, own, done } }: { choice: Choice }): ComponentChild {
  const isNamed = now !== "" && now !== EXTRACTIVE;
  const [named, setNamed] = useState(isNamed);
  const [plain, setPlain] = useState(isNamed ? "" : now);
  const [other, setOther] = useState(isNamed ? now : "");
  const chosen = named ? other.trim() : plain;
  const row = (value: string, label: string): ComponentChild => (
    <label>
      <input type="radio" name="model" checked={!named && plain === value} onChange={() => { setNamed(false); setPlain(value); }} />
      {label}
    </label>
  );
  return (
    <Dialog title="Which model answers?" onDone={() => { done(null); }}>
      <form
        class="choices"
        onSubmit={(event) => {
          event.preventDefault();
          done(chosen);
        }}
      >
        {row("", `The server’s own${own ? `: ${modelName(own)}` : ""}`)}
        {own?.kind !== EXTRACTIVE && row(EXTRACTIVE, "No model: answers quote the code")}
        <label>
          <input type="radio" name="model" checked={named} onChange={() => { setNamed(true); }} />
          {`${ANOTHER}:`}
          <input
            type="text"
            class="field"
            aria-label={ANOTHER}
            value={other}
            maxLength={200}
            spellcheck={false}
            onInput={(event) => { setNamed(true); setOther(event.currentTarget.value); }}
          />
        </label>
        <div class="buttons">
          <button type="button" class="secondary" onClick={() => { done(null); }}>Cancel</button>
          <button type="submit" class="primary" disabled={named && !chosen}>Choose</button>
        </div>
      </form>
    </Dialog>
  );
}
