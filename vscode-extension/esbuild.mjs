// The bundles: the extension for Node, the panel for its webview, and the panel as a page of its own.
import esbuild from "esbuild";

const production = process.argv.includes("--production");
const watch = process.argv.includes("--watch");
const shared = { bundle: true, minify: production, sourcemap: !production, logLevel: "info", target: "es2022" };

// The language client is most of the code, and is not needed to be activated: it is a bundle of its own.
const node = { ...shared, outdir: "dist", platform: "node", format: "cjs", mainFields: ["module", "main"] };
const builds = [
  {
    ...node,
    entryPoints: { extension: "src/extension/main.ts" },
    external: ["vscode", "./client"],
    supported: { "dynamic-import": false }, // `require` where `import` is called
  },
  { ...node, entryPoints: { client: "src/extension/client.ts" }, external: ["vscode"] },
];
const browser = { ...shared, platform: "browser", format: "iife", jsx: "automatic", jsxImportSource: "preact", loader: { ".svg": "text" } };
builds.push({ ...browser, entryPoints: { panel: "src/panel/main.tsx" }, outdir: "dist" });
// The page of `memls serve`, which the Python package carries: always as it is shipped.
const page = { ...browser, minify: true, sourcemap: false, loader: { ".svg": "text", ".html": "copy" } };
builds.push({ ...page, entryPoints: { panel: "src/web/main.tsx", index: "src/web/index.html" }, outdir: "../memls/http/page" });
for (const options of builds) {
  if (watch) {
    await (await esbuild.context(options)).watch();
  } else {
    await esbuild.build(options);
  }
}
