import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["test/panel/**/*.test.ts"], globals: false, testTimeout: 120_000, hookTimeout: 60_000, maxWorkers: 2, expect: { poll: { timeout: 10_000 } } },
});
