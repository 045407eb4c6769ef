/** Copies a text, and shows for a moment that it did. */

import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useApp } from "../app";
import { IconButton } from "./button";

const MOMENT = 1500;

export function CopyButton({ text, label }: { text: () => string; label: string }): ComponentChild {
  const { store, announce } = useApp();
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) {
      return;
    }
    const timer = setTimeout(() => { setDone(false); }, MOMENT);
    return () => { clearTimeout(timer); };
  }, [done]);
  const copy = (): void => {
    store.send({ type: "copy", text: text() });
    setDone(true);
    announce("Copied");
  };
  return <IconButton icon={done ? "check" : "copy"} label={done ? "Copied" : label} onClick={copy} />;
}
