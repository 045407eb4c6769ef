/** A place in code that an answer names: a button that opens it, with a mark that says whether it holds. */

import { createContext } from "preact";
import type { ComponentChild } from "preact";
import { useContext } from "preact/hooks";
import type { Citation, CitationStatus } from "../../protocol";
import { useApp } from "../app";
import type { IconName } from "../icons";
import { Icon } from "../icons";
import { basename, lines, name } from "../plain";
import { STATUS_SHORT } from "../words";

/** The citations of the answer around it, as they are now. */
export const Cited = createContext<readonly Citation[]>([]);

export const MARKS: Record<CitationStatus, IconName> = {
  verified: "check",
  moved: "arrow-right",
  stale: "warning",
  unverified: "question",
};

export function Cite({ path, start, end }: { path: string; start: number; end: number }): ComponentChild {
  const citations = useContext(Cited);
  const citation = found(citations, path, start, end);
  const place = citation ?? { path, start, end };
  return (
    <PlaceButton path={place.path} start={place.start} end={place.end} citation={citation}>
      {citation && <Icon name={MARKS[citation.status]} className="mark" />}
      <bdi dir="ltr">{`${shortest(place.path, citations)}:${lines(place.start, place.end)}`}</bdi>
      {citation && <span class="unseen">{`, ${STATUS_SHORT[citation.status]}`}</span>}
    </PlaceButton>
  );
}

interface Props {
  path: string;
  start: number;
  end: number;
  citation: Citation | null;
  className?: string;
  children: ComponentChild;
}

export function PlaceButton({ path, start, end, citation, className = "cite", children }: Props): ComponentChild {
  const { store, peek } = useApp();
  const target = { path, start, end, citation };
  return (
    <button
      type="button"
      class={`${className} ${citation?.status ?? "unknown"}`}
      onClick={(event) => {
        peek(null);
        store.send({ type: "open", path, start, end, ...(event.ctrlKey || event.metaKey ? { aside: true } : {}) });
      }}
      onPointerEnter={(event) => { peek(event.currentTarget, target); }}
      onPointerLeave={() => { peek(null); }}
      onFocus={(event) => {
        if (event.currentTarget.matches(":focus-visible")) {
          peek(event.currentTarget, target);
        }
      }}
      onBlur={() => { peek(null); }}
    >
      {children}
    </button>
  );
}

/** What the server said of a mention: it may know the whole of a path that the answer cut short, or a new one. */
function found(citations: readonly Citation[], path: string, start: number, end: number): Citation | null {
  const same = citations.filter((one) => (one.cited_start || one.start) === start && (one.cited_end || one.end) === end);
  const last = path.slice(path.lastIndexOf(" ") + 1);
  return (
    same.find((one) => one.path === path) ??
    same.find((one) => one.path.endsWith(`/${path}`) || one.path === last) ??
    same.find((one) => one.status === "moved" && basename(one.path) === basename(path)) ??
    (same.length === 1 && same[0]?.status === "moved" ? same[0] : null)
  );
}

const COMMON = /^(?:__init__|index|mod|main|lib|init)\.\w+$/;

/** The file's name, with its folder where that is what tells it from others. */
export function shortest(path: string, others: readonly Citation[]): string {
  const last = basename(path);
  const unclear = COMMON.test(last) || others.some((one) => one.path !== path && basename(one.path) === last);
  return name(unclear ? path.split("/").slice(-2).join("/") : last);
}
