/** A component that is drawn again only when one of its properties is another. */

import { Component, createElement } from "preact";
import type { ComponentChild, FunctionComponent } from "preact";

export function pure<P extends object>(draw: FunctionComponent<P>): new (props: P) => Component<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const before = this.props as Record<string, unknown>;
      const now = next as Record<string, unknown>;
      return [...new Set([...Object.keys(before), ...Object.keys(now)])].some((name) => before[name] !== now[name]);
    }

    override render(props: P): ComponentChild {
      return createElement(draw, props);
    }
  };
}
