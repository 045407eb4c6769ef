/** An answer's text. What has been read stays as it is while the rest comes in. */

import type { ComponentChild } from "preact";
import { useMemo, useRef } from "preact/hooks";
import type { Citation } from "../../protocol";
import { Blocks, withoutHalf } from "../markdown/blocks";
import { drawn } from "../markdown/tree";
import { Cited } from "./cite";

interface Props {
  text: string;
  citations: readonly Citation[];
  live: boolean;
}

export function Answer({ text, citations, live }: Props): ComponentChild {
  const blocks = useRef<Blocks | null>(null);
  blocks.current ??= new Blocks();
  const sources = blocks.current.take(text);
  return (
    <div class="answer">
      <Cited.Provider value={citations}>
        {sources.map((source, at) => (
          <Block key={at} source={live && at === sources.length - 1 ? withoutHalf(source) : source} live={live && at >= sources.length - 2} />
        ))}
      </Cited.Provider>
    </div>
  );
}

function Block({ source, live }: { source: string; live: boolean }): ComponentChild {
  return useMemo(() => <>{drawn(source, live)}</>, [source, live]);
}
