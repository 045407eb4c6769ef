/** What an update makes of the state: how any panel follows the controller. */

import type { State, TurnView, Update } from "./contract";

export function apply(state: State, update: Update): State {
  switch (update.type) {
    case "state":
      return update.state;
    case "slice":
      return { ...state, ...update.slice };
    case "turn":
      return state.session === update.session ? { ...state, turns: placed(state.turns, update.turn) } : state;
    case "delta":
      return changed(state, update, (turn) => ({ ...turn, text: turn.text + update.text }));
    case "steps":
      return changed(state, update, (turn) => ({ ...turn, steps: [...turn.steps, ...update.steps] }));
    default:
      return state;
  }
}

function placed(turns: readonly TurnView[], turn: TurnView): TurnView[] {
  const at = turns.findIndex((one) => one.id === turn.id);
  return at < 0 ? [...turns, turn] : turns.with(at, turn);
}

function changed(
  state: State,
  update: { session: string; turn: string },
  change: (turn: TurnView) => TurnView,
): State {
  if (state.session !== update.session) {
    return state;
  }
  return { ...state, turns: state.turns.map((turn) => (turn.id === update.turn ? change(turn) : turn)) };
}
