import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist", "node_modules", "**/*.mjs", "src/protocol.ts", "test/vscode/fakelm"] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/dot-notation": ["error", { allowIndexSignaturePropertyAccess: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "no-control-regex": "off",
    },
  },
  {
    files: ["src/chat/**"],
    rules: { "no-restricted-imports": ["error", { patterns: ["vscode", "../extension/*", "../panel/*", "../web/*"] }] },
  },
  {
    files: ["test/**"],
    rules: { "@typescript-eslint/unbound-method": "off", "@typescript-eslint/no-non-null-assertion": "off" },
  },
  {
    files: ["src/web/**"],
    rules: { "no-restricted-imports": ["error", { patterns: ["vscode", "../extension/*"] }] },
  },
  {
    files: ["src/panel/**"],
    rules: { "no-restricted-imports": ["error", { patterns: ["vscode", "../extension/*", "../web/*"] }] },
  },
);
