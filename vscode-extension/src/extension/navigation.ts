/**
 * Which languages memls answers for in the editor: with `auto` those that no other extension serves, so that nobody
 * sees a definition twice. A language is served where an extension that is known for it is installed.
 */

import * as vscode from "vscode";
import type { Middleware } from "vscode-languageclient/node";
import type { Settings } from "./settings";

/** Ids of extensions, lower case, by the languages that they serve. */
const SERVED: readonly [readonly string[], readonly string[]][] = [
  [["python"], ["ms-python.vscode-pylance", "ms-pyright.pyright", "detachhead.basedpyright", "astral-sh.ty", "meta.pyrefly"]],
  [["javascript", "javascriptreact", "typescript", "typescriptreact"], ["vscode.typescript-language-features"]],
  [["vue"], ["vue.volar"]],
  [["svelte"], ["svelte.svelte-vscode"]],
  [["astro"], ["astro-build.astro-vscode"]],
  [["go"], ["golang.go"]],
  [["rust"], ["rust-lang.rust-analyzer"]],
  [["java"], ["redhat.java", "oracle.oracle-java", "asf.apache-netbeans-java"]],
  [["c", "cpp"], ["ms-vscode.cpptools", "llvm-vs-code-extensions.vscode-clangd", "ccls-project.ccls"]],
  [["csharp"], ["ms-dotnettools.csharp", "ms-dotnettools.csdevkit"]],
  [["ruby"], ["shopify.ruby-lsp", "castwide.solargraph"]],
  [["php"], ["bmewburn.vscode-intelephense-client", "devsense.phptools-vscode"]],
  [["shellscript"], ["mads-hartmann.bash-ide-vscode"]],
  [["scala"], ["scalameta.metals"]],
  [["kotlin"], ["fwcd.kotlin", "jetbrains.kotlin"]],
  [["swift"], ["swiftlang.swift-vscode", "sswg.swift-lang"]],
  [["lua"], ["sumneko.lua"]],
  [["css"], ["vscode.css-language-features"]],
  [["html"], ["vscode.html-language-features"]],
  [["json", "jsonc"], ["vscode.json-language-features"]],
  [["markdown"], ["vscode.markdown-language-features"]],
  [["yaml"], ["redhat.vscode-yaml"]],
  [["toml"], ["tamasfe.even-better-toml", "tombi-toml.tombi"]],
];
/** Of a symbol's file in a list; without those whose extensions find no symbols of a whole workspace. */
const SUFFIXES: Record<string, string> = {
  py: "python", pyi: "python", js: "javascript", mjs: "javascript", cjs: "javascript", jsx: "javascriptreact",
  ts: "typescript", mts: "typescript", cts: "typescript", tsx: "typescriptreact", vue: "vue", svelte: "svelte", astro: "astro", go: "go", rs: "rust", java: "java",
  c: "c", h: "c", cc: "cpp", cpp: "cpp", cxx: "cpp", hh: "cpp", hpp: "cpp", cs: "csharp", rb: "ruby", php: "php",
  sh: "shellscript", bash: "shellscript", scala: "scala", kt: "kotlin", kts: "kotlin", swift: "swift", lua: "lua",
  md: "markdown",
};
const FEATURES = [
  "documentSymbol", "workspaceSymbol", "definition", "declaration", "references", "implementation", "documentHighlight",
  "hover", "completion", "signatureHelp", "callHierarchy", "typeHierarchy", "foldingRange", "selectionRange", "documentLink",
];
const OF_A_DOCUMENT = [
  "provideDocumentSymbols", "provideDefinition", "provideDeclaration", "provideReferences", "provideImplementation",
  "provideDocumentHighlights", "provideHover", "provideCompletionItem", "provideSignatureHelp", "prepareCallHierarchy",
  "prepareTypeHierarchy", "provideFoldingRanges", "provideSelectionRanges", "provideDocumentLinks",
];

/** The switches that the server is sent. Lenses are ours alone, so they have a setting of their own. */
export function switches({ navigation, features, codeLens }: Settings): Record<string, boolean> {
  const off = navigation === "off" ? FEATURES.map((name) => [name, false] as const) : [];
  return { ...Object.fromEntries(off), codeLens, ...features };
}

export function isServed(language: string): boolean {
  return SERVED.some(([languages, ids]) =>
    languages.includes(language) && ids.some((id) => vscode.extensions.getExtension(id) !== undefined));
}

/** Keeps what others answer already from being answered twice. */
export function guards(navigation: () => Settings["navigation"]): Middleware {
  const free = (language: string): boolean => navigation() !== "auto" || !isServed(language);
  const guard = (document: vscode.TextDocument, ...rest: unknown[]): unknown => {
    const next = rest.pop() as (...given: unknown[]) => unknown;
    return free(document.languageId) ? next(document, ...rest) : undefined;
  };
  return {
    ...(Object.fromEntries(OF_A_DOCUMENT.map((name) => [name, guard])) as Middleware),
    provideWorkspaceSymbols: async (query, token, next) => {
      const found = await next(query, token);
      return found?.filter(({ location }) => free(SUFFIXES[location.uri.path.split(".").at(-1) ?? ""] ?? ""));
    },
  };
}
