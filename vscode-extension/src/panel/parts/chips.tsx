/** The code that goes along with the next question, and the selection, which could. */

import type { ComponentChild } from "preact";
import type { Attachment } from "../../protocol";
import { useApp } from "../app";
import { Icon } from "../icons";
import { region, regionInFull } from "../words";
import { IconButton } from "./button";

interface Props {
  attachments: readonly Attachment[];
  selection: Attachment | null;
}

export function Chips({ attachments, selection }: Props): ComponentChild {
  const { store } = useApp();
  const offered = selection && !attachments.some((one) => regionInFull(one) === regionInFull(selection)) ? selection : null;
  if (!attachments.length && !offered) {
    return null;
  }
  return (
    <ul class="chips" aria-label="Code that goes along">
      {attachments.map((one) => (
        <li key={regionInFull(one)} class="chip" title={regionInFull(one)}>
          <Icon name={one.symbol ? "symbol-method" : "file"} />
          <bdi>{region(one)}</bdi>
          <IconButton
            icon="close"
            label={`Leave out ${regionInFull(one)}`}
            onClick={() => { store.send({ type: "detach", attachment: one }); }}
          />
        </li>
      ))}
      {offered && (
        <li>
          <button
            type="button"
            class="chip offered"
            title={`Add the selection: ${regionInFull(offered)}`}
            onClick={() => { store.send({ type: "attach", attachment: offered }); }}
          >
            <Icon name="add" />
            <span class="unseen">Add the selection: </span>
            <bdi>{region(offered)}</bdi>
          </button>
        </li>
      )}
    </ul>
  );
}
