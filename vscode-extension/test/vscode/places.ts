/** Code of the project that the tests ask about, and what the model says of it. */

import type { Reply } from "./endpoint";

export const FILE = "starlette/concurrency.py";
export const START = 36;
export const END = 38;
export const PLACE = `${FILE}:${START}-${END}`;
/** How the panel names it in an answer. */
export const SHOWN = `concurrency.py:${START}-${END}`;
export const CODE = "return await anyio.to_thread.run_sync(func)";
export const ANSWER = `\`run_in_threadpool\` hands it to a worker thread [${PLACE}].`;

/** A model that reads the lines, then cites them. */
export const READ: Reply = { text: "Let me look. ", calls: [["page_in", { targets: [PLACE] }]] };
export const READING: (Reply | string)[] = [READ, ANSWER];

/** Speaks for a long time: some hundred chunks. */
export function slowly(text = "word ".repeat(2000)): Reply {
  return { text, pause: 0.03 };
}
