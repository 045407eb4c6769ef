import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  cacheDir: "../../node_modules/.vite",
  test: {
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    globalSetup: ["./stage.ts"],
    pool: "forks",
    maxWorkers: Number(process.env["MEMLS_TEST_WORKERS"] ?? Math.min(2, availableParallelism())),
    testTimeout: 240_000,
    hookTimeout: 300_000,
    teardownTimeout: 20_000,
    expect: { poll: { timeout: 60_000, interval: 50 } },
    reporters: ["default"],
  },
});
