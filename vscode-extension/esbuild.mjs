// The bundles: the extension for Node, and the panel for any browser.
import { existsSync } from "node:fs";
import esbuild from "esbuild";

const production = process.argv.includes("--production");
const watch = process.argv.includes("--watch");
const shared = { bundle: true, minify: production, sourcemap: !production, logLevel: "info", target: "es2022" };

const builds = [
  {
    ...shared,
    entryPoints: { extension: "src/extension/main.ts" },
    outdir: "dist",
    platform: "node",
    format: "cjs",
    external: ["vscode"],
    mainFields: ["module", "main"],
  },
];
if (existsSync("src/panel/main.tsx")) {
  builds.push({
    ...shared,
    entryPoints: { panel: "src/panel/main.tsx" },
    outdir: "dist",
    platform: "browser",
    format: "iife",
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".svg": "text" },
  });
}
for (const options of builds) {
  if (watch) {
    await (await esbuild.context(options)).watch();
  } else {
    await esbuild.build(options);
  }
}
