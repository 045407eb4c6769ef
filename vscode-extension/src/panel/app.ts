/** What every part of the panel can reach. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Citation } from "../protocol";
import type { Kept, Place } from "./kept";
import type { Store } from "./store";

/** A place in code, with what is known of it where an answer cites it. */
export interface Target {
  path: string;
  start: number;
  end: number;
  citation: Citation | null;
}

export interface App {
  store: Store;
  kept: Kept;
  /** Said by screen readers, once, when they have time. */
  announce: (text: string) => void;
  go: (place: Place) => void;
  /** The code of a place, beside the element that names it; null: the pointer or focus has left. */
  peek: (anchor: HTMLElement | null, target?: Target) => void;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) {
    throw new Error("a part of the panel stands outside it");
  }
  return app;
}
