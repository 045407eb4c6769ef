/** Why a program is no server of ours, for the reader. */

/** What came of asking it for its version. */
export function problemOf(error: (Error & { code?: unknown; killed?: boolean }) | null, stderr: string): string {
  if (error?.code === "ENOENT") {
    return "there is no such program";
  }
  if (error?.code === "EACCES") {
    return "it is a folder, or a file that may not be run";
  }
  if (error?.killed) {
    return "it does not answer";
  }
  if (/unknown option:? -P/i.test(stderr)) {
    return "this Python is older than 3.11";
  }
  if (stderr.includes("No module named memls")) {
    return "memls is not installed there";
  }
  const said = stderr.trim().split("\n").at(-1) ?? "";
  return said === "" ? "it is not memls" : said;
}
