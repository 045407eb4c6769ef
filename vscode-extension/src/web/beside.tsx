/** What the page shows beside the panel. */

import type { ComponentChild } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Choosing } from "./choosing";
import { CodeView } from "./code";
import { Leaving } from "./leaving";
import { Messages } from "./messages";
import type { Page } from "./page";
import type { Server } from "./server";

/** Below this the code lies over the panel: `css/page.css` has the same width. */
const BESIDE = "(min-width: 1000px)";

export function Beside({ page, server }: { page: Page; server: Server }): ComponentChild {
  const [{ code, link, choice, messages }, setShown] = useState(page.shown);
  useLayoutEffect(() => page.onShown(() => { setShown(page.shown); }), []);
  useCovered(code !== null, page);
  return (
    <>
      {code && <CodeView key={`${code.path}:${code.start}-${code.end}`} place={code} page={page} server={server} />}
      {link && <Leaving href={link} onDone={() => { page.show({ link: "" }); }} />}
      {choice && <Choosing choice={choice} />}
      <Messages messages={messages} onDismiss={(line) => { page.dismiss(line); }} />
    </>
  );
}

/** What lies under the code cannot be reached; when the code is closed the focus goes back there. */
function useCovered(open: boolean, page: Page): void {
  const was = useRef(open);
  useLayoutEffect(() => {
    const panel = document.getElementById("root");
    const beside = matchMedia(BESIDE);
    const cover = (): void => { panel?.toggleAttribute("inert", open && !beside.matches); };
    cover();
    if (was.current && !open) {
      page.back();
    }
    was.current = open;
    beside.addEventListener("change", cover);
    return () => { beside.removeEventListener("change", cover); };
  }, [open]);
}
