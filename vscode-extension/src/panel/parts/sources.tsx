/** The citations of an answer, one below the other. */

import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import type { Citation } from "../../protocol";
import { useApp } from "../app";
import { Icon } from "../icons";
import { basename, folder, lines, name } from "../plain";
import { count, STATUS_SHORT, tally } from "../words";
import { MARKS, PlaceButton } from "./cite";
import { Fold } from "./fold";

const FEW = 6;

export function Sources({ turn, citations }: { turn: string; citations: readonly Citation[] }): ComponentChild {
  const { kept } = useApp();
  const [all, setAll] = useState(kept.view.folds[`all:${turn}`] ?? false);
  const bad = citations.filter(({ status }) => status === "stale" || status === "unverified");
  const sorted = [...bad, ...citations.filter((one) => !bad.includes(one))]; // nobody looks for them further down
  const shown = all ? sorted : sorted.slice(0, FEW);
  const head = (
    <>
      <span>{count(citations.length, "citation")}</span>
      <Tally citations={citations} />
    </>
  );
  return (
    <Fold name={`sources:${turn}`} className="sources" head={head} open={bad.length > 0 || citations.length <= 3}>
      <ul>
        {shown.map((one) => (
          <li key={`${one.path}:${one.cited_start}-${one.cited_end}:${one.start}`}>
            <PlaceButton path={one.path} start={one.start} end={one.end} citation={one} className="source">
              <Icon name={MARKS[one.status]} className="mark" />
              <bdi class="source-name" dir="ltr">{`${name(basename(one.path))}:${lines(one.start, one.end)}`}</bdi>
              <bdi class="source-folder dim" dir="ltr">{name(folder(one.path).replace(/\/$/, ""))}</bdi>
              <span class={one.status === "verified" ? "unseen" : "source-status"}>{note(one)}</span>
            </PlaceButton>
          </li>
        ))}
      </ul>
      {citations.length > shown.length && (
        <button
          type="button"
          class="text-button"
          onClick={() => {
            kept.fold(`all:${turn}`, true);
            setAll(true);
          }}
        >
          {`Show all ${citations.length}`}
        </button>
      )}
    </Fold>
  );
}

/** How many are how: in marks for eyes, in words for ears. */
function Tally({ citations }: { citations: readonly Citation[] }): ComponentChild {
  return (
    <span class="tally" title={tally(citations)}>
      <span class="unseen">{tally(citations)}</span>
      {(Object.keys(MARKS) as Citation["status"][]).map((status) => {
        const number = citations.filter((one) => one.status === status).length;
        return number ? (
          <span key={status} class={status} aria-hidden="true">
            <Icon name={MARKS[status]} className="mark" />
            {number}
          </span>
        ) : null;
      })}
    </span>
  );
}

function note(one: Citation): string {
  if (one.status !== "moved") {
    return STATUS_SHORT[one.status];
  }
  return `moved from ${lines(one.cited_start, one.cited_end)}`;
}
