/** Lines for the reader; each stays until it is put away. */

import type { ComponentChild } from "preact";
import { Icon } from "../panel/icons";
import { IconButton } from "../panel/parts/button";
import { name } from "../panel/plain";

export function Messages({ messages, onDismiss }: { messages: readonly string[]; onDismiss: (line: string) => void }): ComponentChild {
  return (
    <div class="messages" role="alert">
      {messages.map((line) => (
        <div class="message" key={line}>
          <Icon name="warning" />
          <span>{name(line)}</span>
          <IconButton icon="close" label="Dismiss" onClick={() => { onDismiss(line); }} />
        </div>
      ))}
    </div>
  );
}
