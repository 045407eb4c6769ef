/** Before all tests: the page is built as it is shipped. */

import { PACKAGE, run } from "../vscode/machine";

export default function build(): void {
  run(process.execPath, ["esbuild.mjs", "--production"], PACKAGE);
}
