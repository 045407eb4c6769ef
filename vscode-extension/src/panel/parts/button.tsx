/** A button that shows an icon, and says what it does. */

import type { ComponentChild, Ref } from "preact";
import type { IconName } from "../icons";
import { Icon } from "../icons";

interface Props {
  icon: IconName;
  label: string;
  onClick: () => void;
  /** Said with the label in its tooltip. */
  keys?: string;
  className?: string;
  disabled?: boolean;
  pressed?: boolean;
  expanded?: boolean;
  tabIndex?: number;
  button?: Ref<HTMLButtonElement>;
}

export function IconButton(props: Props): ComponentChild {
  const { icon, label, onClick, keys, className = "", disabled = false, pressed, expanded, tabIndex, button } = props;
  return (
    <button
      type="button"
      class={`icon-button ${className}`}
      aria-label={label}
      title={keys ? `${label} (${keys})` : label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      disabled={disabled}
      tabIndex={tabIndex}
      ref={button ?? null}
      onClick={(event) => {
        event.stopPropagation();
        onClick();
      }}
    >
      <Icon name={icon} />
    </button>
  );
}
