/** How server and index are, where that is worth a line: what is wrong with it, what to do, or how far it is. */

import type { ComponentChild } from "preact";
import type { Remedy, State } from "../../chat/contract";
import { useApp } from "../app";
import { Icon } from "../icons";
import { name } from "../plain";
import { progress } from "../words";

export function Notice({ state }: { state: State }): ComponentChild {
  const { server, index } = state;
  if (server.state === "missing" || server.state === "failed") {
    return <Trouble text={server.message} remedies={server.remedies} error={server.state === "failed"} />;
  }
  if (server.state !== "ready") {
    const text = server.message || (server.state === "starting" ? "memls is starting…" : "memls is starting again…");
    return <Progress text={name(text)} remedies={server.remedies} />;
  }
  if (index.state === "failed") {
    return <Trouble text={index.error || "The index failed."} remedies={[]} error />;
  }
  if (index.state === "indexing" || index.state === "opening") {
    const part = index.total ? Math.min(1, index.done / index.total) : undefined;
    return <Progress text={progress(index)} detail="Ask already: the answer comes once all of it is read" part={part} />;
  }
  return null;
}

function Trouble({ text, remedies, error }: { text: string; remedies: readonly Remedy[]; error: boolean }): ComponentChild {
  return (
    <section class={`notice callout ${error ? "error" : "warning"}`} aria-label="State of memls">
      <Icon name={error ? "error" : "warning"} />
      <div class="callout-body">
        <span>{name(text)}</span>
        <Remedies remedies={remedies} />
      </div>
    </section>
  );
}

function Remedies({ remedies }: { remedies: readonly Remedy[] }): ComponentChild {
  const { store } = useApp();
  return remedies.length ? (
    <div class="buttons">
      {remedies.map(({ label, remedy }, at) => (
        <button
          type="button"
          class={at ? "secondary" : "primary"}
          key={remedy}
          onClick={() => { store.send({ type: "remedy", remedy }); }}
        >
          {name(label)}
        </button>
      ))}
    </div>
  ) : null;
}

interface ProgressProps {
  text: string;
  detail?: string;
  /** From 0 to 1; nothing where it is not known. */
  part?: number | undefined;
  remedies?: readonly Remedy[];
}

function Progress({ text, detail, part, remedies = [] }: ProgressProps): ComponentChild {
  const known = part === undefined ? {} : { "aria-valuenow": Math.round(part * 100), "aria-valuemin": 0, "aria-valuemax": 100 };
  return (
    <section class="notice progress" aria-label="State of memls">
      <div class={`bar-line ${part === undefined ? "endless" : ""}`} role="progressbar" aria-label={text} {...known}>
        <div style={part === undefined ? {} : { width: `${part * 100}%` }} />
      </div>
      <div class="notice-text">
        <span>{text}</span>
        {detail && <span class="dim">{detail}</span>}
      </div>
      <Remedies remedies={remedies} />
    </section>
  );
}
