/** What happens while a question is answered, as it happens; one line once it is answered. */

import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { TurnView } from "../../chat/contract";
import type { PageInfo } from "../../protocol";
import type { Line } from "../events";
import { line, place } from "../events";
import { Icon } from "../icons";
import { name } from "../plain";
import { cost, count, seconds, spent } from "../words";
import { PlaceButton } from "./cite";
import { Fold } from "./fold";

const LATEST = 4;

export function Steps({ turn }: { turn: TurnView }): ComponentChild {
  const running = turn.state === "waiting" || turn.state === "running";
  const known = turn.steps.flatMap((step) => line(step) ?? []);
  const own = turn.result?.usage ?? null;
  const head = running ? <Working turn={turn} /> : <span>{spent(turn.steps, own, turn.took)}</span>;
  if (!known.length) {
    return running || own ? <div class="steps-line" title={own ? cost(own) : undefined}>{head}</div> : null;
  }
  if (running && !turn.text) {
    return (
      <div class="steps">
        <div class="steps-line">{head}</div>
        <List lines={known.slice(-LATEST)} before={known.length - LATEST} />
      </div>
    );
  }
  return (
    <Fold name={`steps:${turn.id}`} className="steps" head={head} open={false} title={own ? cost(own) : undefined}>
      <List lines={known} before={0} />
    </Fold>
  );
}

function List({ lines, before }: { lines: readonly Line[]; before: number }): ComponentChild {
  return (
    <ul class="step-list">
      {before > 0 && <li class="step dim"><span class="icon" />{count(before, "earlier step")}</li>}
      {lines.map((one, at) => (
        <li key={before + at} class={`step ${one.bad ? "bad" : ""}`}>
          <Icon name={one.icon} />
          <span class="step-what" title={one.page ? undefined : one.what}>{one.what}</span>
          {one.page && <Page page={one.page} />}
          <span class="step-detail dim" title={one.detail}>{one.detail}</span>
        </li>
      ))}
    </ul>
  );
}

function Page({ page }: { page: PageInfo }): ComponentChild {
  return (
    <PlaceButton path={page.path} start={page.start} end={page.end} citation={null} className="place">
      <bdi dir="ltr">{page.symbol ? name(page.symbol) : place(page)}</bdi>
    </PlaceButton>
  );
}

function Working({ turn }: { turn: TurnView }): ComponentChild {
  const passed = usePassed(turn.asked);
  const doing = turn.text ? "Answering" : turn.state === "waiting" ? "Waiting" : "Reading the code";
  return (
    <span class="working">
      <Icon name="loading" className="turning" />
      <span>{passed >= 2000 ? `${doing} · ${seconds(Math.floor(passed / 1000) * 1000).replace(".0", "")}` : `${doing}…`}</span>
    </span>
  );
}

function usePassed(asked: string): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => { setNow(Date.now()); }, 1000);
    return () => { clearInterval(timer); };
  }, []);
  const since = Date.parse(asked);
  return Number.isNaN(since) ? 0 : Math.max(0, now - since);
}
