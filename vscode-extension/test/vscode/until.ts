/** Waiting for what no event tells. */

const STEP = 25;

/** Until it is so, or an error that names what was waited for. */
export async function until(what: string, holds: () => unknown, patience = 60_000): Promise<void> {
  const end = Date.now() + patience;
  while (!(await holds())) {
    if (Date.now() > end) {
      throw new Error(`waited ${patience / 1000} s in vain: ${what}`);
    }
    await new Promise((done) => setTimeout(done, STEP));
  }
}
