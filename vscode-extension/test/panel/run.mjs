// Runs a script of this folder: `gallery` serves all states to a browser, `shots` takes pictures of them.
import { mkdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import esbuild from "esbuild";

const [name, ...rest] = process.argv.slice(2);
const outfile = `${process.cwd()}/node_modules/.cache/memls/${name}.mjs`;
mkdirSync("node_modules/.cache/memls", { recursive: true });
await esbuild.build({
  entryPoints: [`test/panel/${name}.ts`],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  logLevel: "warning",
});
process.argv = [process.argv[0], outfile, ...rest];
await import(pathToFileURL(outfile));
