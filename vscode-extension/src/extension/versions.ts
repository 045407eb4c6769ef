/** Versions compared. */

/** Whether a version is before another. What follows the numbers (`rc1`, `+local`) does not count. */
export function isOlder(version: string, needed: string): boolean {
  const [mine, least] = [numbers(version), numbers(needed)];
  for (let at = 0; at < least.length; at++) {
    const difference = (mine[at] ?? 0) - (least[at] ?? 0);
    if (difference) {
      return difference < 0;
    }
  }
  return false;
}

function numbers(version: string): number[] {
  return (/^\d+(\.\d+)*/.exec(version)?.[0] ?? "0").split(".").map(Number);
}
