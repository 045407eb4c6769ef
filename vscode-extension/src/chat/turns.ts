/** Turns as the panel shows them: new ones, and those that the server kept. */

import type { Answer, Attachment, Turn } from "../protocol";
import type { TurnView } from "./contract";

const TITLE = 60;

export function newTurn(id: string, question: string, attachments: Attachment[], now: number): TurnView {
  return {
    id,
    number: 0,
    question,
    attachments,
    state: "waiting",
    text: "",
    steps: [],
    citations: [],
    result: null,
    failure: "",
    took: 0,
    asked: new Date(now).toISOString(),
  };
}

export function isOver(turn: TurnView): boolean {
  return turn.state !== "waiting" && turn.state !== "running";
}

/** A turn with its answer. */
export function answered(turn: TurnView, answer: Answer, now: number): TurnView {
  const { answer: text, ...result } = answer;
  const took = Math.max(0, now - Date.parse(turn.asked));
  return { ...turn, state: answer.status, text, result, citations: answer.citations, failure: "", took };
}

/** A turn of an earlier run. */
export function keptTurn(session: string, turn: Turn): TurnView {
  const view = {
    ...newTurn(`${session}:${String(turn.number)}`, turn.question, turn.attachments, 0),
    number: turn.number,
    steps: turn.steps,
    asked: turn.time,
  };
  if (turn.answer) {
    const { answer: text, ...result } = turn.answer;
    return { ...view, state: turn.answer.status, text, result, citations: turn.answer.citations };
  }
  if (!turn.failure) {
    return { ...view, state: "running" };
  }
  return { ...view, state: /^(stopped|cancel)/i.test(turn.failure) ? "stopped" : "failed", failure: turn.failure };
}

/**
 * What the server kept, with what is only known here: ids that the panel holds on to, how long it took, text that
 * streamed before a failure, and questions that the server never got to keep.
 */
export function merged(session: string, here: readonly TurnView[], kept: readonly Turn[]): TurnView[] {
  const rest = [...here];
  const turns = withoutRetried(kept).map((turn) => {
    const view = keptTurn(session, turn);
    const at = rest.findIndex((one) => (one.number ? one.number === turn.number : one.question === turn.question));
    const mine = at < 0 ? undefined : rest.splice(at, 1)[0];
    return mine ? joined(mine, view) : view.state === "running" ? interrupted(view) : view;
  });
  return [...turns, ...rest.filter((turn) => !turn.number)];
}

/** The title of a conversation until the server has one: the beginning of its first question. */
export function titleOf(question: string): string {
  const line = question.replace(/\s+/g, " ").trim();
  return line.length > TITLE ? `${line.slice(0, TITLE - 1).trimEnd()}…` : line;
}

function joined(mine: TurnView, kept: TurnView): TurnView {
  if (!isOver(mine)) {
    return { ...mine, number: kept.number };
  }
  const local = { id: mine.id, took: mine.took };
  if (kept.result) {
    return { ...kept, ...local, citations: mine.result ? mine.citations : kept.citations };
  }
  const failure = mine.failure || kept.failure;
  const state = mine.state === "answered" || mine.state === "incomplete" ? kept.state : mine.state;
  const steps = mine.steps.length ? mine.steps : kept.steps;
  return { ...kept, ...local, ...(mine.remedies ? { remedies: mine.remedies } : {}), state, failure, text: mine.text, steps };
}

/** It runs for somebody else, or its server was killed: nobody here will hear of its end. */
function interrupted(turn: TurnView): TurnView {
  return { ...turn, state: "failed", failure: "This question was not answered to its end here. Ask it again." };
}

/** A question that failed and was asked again at once is one turn, not two. */
function withoutRetried(kept: readonly Turn[]): Turn[] {
  return kept.filter((turn, at) => turn.answer !== null || kept[at + 1]?.question !== turn.question);
}
