/** The page table: which code is in the window, and what can be done about it. */

import type { ComponentChild, TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { PageInfo } from "../../protocol";
import { useApp } from "../app";
import type { IconName } from "../icons";
import { Icon } from "../icons";
import { basename, folder, lines, name } from "../plain";
import { pure } from "../pure";
import { count, PAGE } from "../words";
import { IconButton } from "./button";

/** Height of a row in pixels: the style sheet's `--row` is the same. */
const ROW = 40;
/** Rows that are drawn beyond those in sight. */
const BEYOND = 8;
/** Tables up to this length are drawn whole. */
const WHOLE = 100;

const SORTS: Record<string, { label: string; before: (one: PageInfo, other: PageInfo) => number }> = {
  use: { label: "Last use", before: (one, other) => other.last_use - one.last_use || other.tokens - one.tokens },
  size: { label: "Tokens", before: (one, other) => other.tokens - one.tokens },
  file: { label: "File", before: (one, other) => one.path.localeCompare(other.path) || one.start - other.start },
};

const STATES = ["resident", "stale", "evicted", "gone"];

function isIn({ state }: PageInfo): boolean {
  return state === "resident" || state === "stale";
}

/** Pinned ones and those in the window first, whatever the order within. */
function sorted(pages: readonly PageInfo[], sort: string): PageInfo[] {
  const before = (SORTS[sort] ?? SORTS["use"])?.before ?? (() => 0);
  const group = (page: PageInfo): number => (page.pinned && isIn(page) ? -1 : Math.max(0, STATES.indexOf(page.state)));
  return [...pages].sort((one, other) => group(one) - group(other) || before(one, other));
}

export function Pages({ pages }: { pages: readonly PageInfo[] }): ComponentChild {
  const { kept } = useApp();
  const [sort, setSort] = useState(kept.view.sort);
  if (!pages.length) {
    return <p class="dim">No code is in the window.</p>;
  }
  const resident = pages.filter(isIn);
  return (
    <>
      <div class="pages-head">
        <span class="dim">{`${count(resident.length, "page")} in the window, ${pages.length - resident.length} out`}</span>
        <label>
          <span class="unseen">Sort by </span>
          <select
            value={sort}
            onChange={(event) => {
              kept.keep({ sort: event.currentTarget.value });
              setSort(event.currentTarget.value);
            }}
          >
            {Object.entries(SORTS).map(([key, { label }]) => <option key={key} value={key}>{label}</option>)}
          </select>
        </label>
      </div>
      <Table pages={sorted(pages, sort)} />
    </>
  );
}

function Table({ pages }: { pages: readonly PageInfo[] }): ComponentChild {
  const { store } = useApp();
  const frame = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState("");
  const [first, last] = useSight(frame, pages.length);
  const [wanted, setWanted] = useState("");
  const at = Math.max(0, pages.findIndex((page) => page.id === current));
  const newest = Math.max(...pages.map((page) => page.last_use));

  useLayoutEffect(() => {
    const row = wanted ? frame.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(wanted)}"]`) : null;
    if (row) {
      row.focus({ preventScroll: true });
      setWanted("");
    }
  }, [wanted, first, last]);

  const move = (to: number): void => {
    const next = Math.max(0, Math.min(pages.length - 1, to));
    const box = frame.current;
    const page = pages[next];
    if (box && page) {
      const top = Math.min(box.scrollTop, next * ROW);
      box.scrollTop = Math.max(top, (next + 1) * ROW - box.clientHeight);
      setCurrent(page.id);
      setWanted(page.id);
    }
  };
  const onKey = (event: TargetedKeyboardEvent<HTMLDivElement>): void => {
    const page = pages[at];
    const act = page && event.target instanceof HTMLElement && event.target.dataset["row"] ? keyed(event.key, page, at, pages.length) : null;
    if (act === null) {
      return;
    }
    event.preventDefault();
    if (typeof act === "number") {
      move(act);
    } else {
      store.send(act);
    }
  };
  return (
    <div class="pages" ref={frame} role="grid" aria-label="Pages" aria-rowcount={pages.length} onKeyDown={onKey}>
      <div role="presentation" style={{ height: `${pages.length * ROW}px`, position: "relative" }}>
        {pages.slice(first, last).map((page, index) => (
          <Row
            key={page.id}
            page={page}
            at={first + index}
            age={newest - page.last_use}
            focusable={page.id === current || (first + index === at && index >= 0)}
            onFocus={setCurrent}
          />
        ))}
      </div>
    </div>
  );
}

/** Where a key leads, or what it does; nothing where it is not ours. */
function keyed(key: string, page: PageInfo, at: number, length: number): number | Parameters<ReturnType<typeof useApp>["store"]["send"]>[0] | null {
  switch (key) {
    case "ArrowDown": return at + 1;
    case "ArrowUp": return at - 1;
    case "PageDown": return at + 8;
    case "PageUp": return at - 8;
    case "Home": return 0;
    case "End": return length - 1;
    case "Enter": return { type: "open", path: page.path, start: page.start, end: page.end };
    case "p": return { type: page.pinned ? "unpin" : "pin", page: page.id };
    case "Delete": return { type: "evict", page: page.id };
    default: return null;
  }
}

/** The rows to draw: all of them, or those around what is in sight. */
function useSight(frame: { current: HTMLDivElement | null }, length: number): [number, number] {
  const [sight, setSight] = useState<[number, number]>([0, Math.min(length, WHOLE)]);
  useEffect(() => {
    const box = frame.current;
    if (!box || length <= WHOLE) {
      setSight([0, length]);
      return;
    }
    const look = (): void => {
      const first = Math.max(0, Math.floor(box.scrollTop / ROW) - BEYOND);
      const last = Math.min(length, Math.ceil((box.scrollTop + box.clientHeight) / ROW) + BEYOND);
      setSight((old) => (old[0] === first && old[1] === last ? old : [first, last]));
    };
    const resized = new ResizeObserver(look);
    resized.observe(box);
    box.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      resized.disconnect();
      box.removeEventListener("scroll", look);
    };
  }, [length]);
  return length <= WHOLE ? [0, length] : sight;
}

const MARKS: Record<PageInfo["state"], IconName> = { resident: "file-code", stale: "warning", evicted: "export", gone: "close" };

interface RowProps {
  page: PageInfo;
  at: number;
  /** Steps since it was used last, compared with the page used last. */
  age: number;
  focusable: boolean;
  onFocus: (page: string) => void;
}

const Row = pure(function Row({ page, at, age, focusable, onFocus }: RowProps): ComponentChild {
  const { store } = useApp();
  const tabIndex = focusable ? 0 : -1;
  const title = name(page.symbol) || `${name(basename(page.path))}:${lines(page.start, page.end)}`;
  const used = age ? `${count(age, "step")} ago` : "used last";
  const what = [page.detail === "full" ? "" : page.detail, page.faults ? `read ${page.faults + 1} times` : "", used];
  const tip = `${name(page.path)}:${lines(page.start, page.end)}\n${PAGE[page.state]}, ${used}`;
  return (
    <div
      role="row"
      class={`page ${page.state}`}
      aria-rowindex={at + 1}
      data-row={page.id}
      tabIndex={tabIndex}
      style={{ top: `${at * ROW}px` }}
      title={tip}
      onFocusIn={() => { onFocus(page.id); }}
      onDblClick={() => { store.send({ type: "open", path: page.path, start: page.start, end: page.end }); }}
    >
      <div role="gridcell" class="page-what">
        <Icon name={page.pinned && isIn(page) ? "pinned" : MARKS[page.state]} className={page.pinned ? "is-pinned" : ""} />
        <span class="unseen">{`${page.pinned ? "pinned, " : ""}${PAGE[page.state]}: `}</span>
        <bdi class="page-title" dir="ltr">{title}</bdi>
        <div class="page-line dim">
          <bdi class="page-folder" dir="ltr">{name(folder(page.path))}</bdi>
          <bdi class="page-file" dir="ltr">{`${name(basename(page.path))}:${lines(page.start, page.end)}`}</bdi>
          <span class="page-detail">{what.filter(Boolean).join(" · ")}</span>
        </div>
      </div>
      <div role="gridcell" class="number">{page.tokens.toLocaleString("en")}<span class="unseen"> tokens</span></div>
      <div role="gridcell" class="page-tools">
        <IconButton
          icon="go-to-file"
          label={`Open ${title}`}
          tabIndex={tabIndex}
          onClick={() => { store.send({ type: "open", path: page.path, start: page.start, end: page.end }); }}
        />
        <IconButton
          icon={page.pinned ? "pinned" : "pin"}
          label={`${page.pinned ? "Unpin" : "Pin"} ${title}`}
          tabIndex={tabIndex}
          disabled={page.state === "gone"}
          onClick={() => { store.send({ type: page.pinned ? "unpin" : "pin", page: page.id }); }}
        />
        <IconButton
          icon="export"
          label={`Evict ${title}`}
          tabIndex={tabIndex}
          disabled={!isIn(page)}
          onClick={() => { store.send({ type: "evict", page: page.id }); }}
        />
      </div>
    </div>
  );
});
