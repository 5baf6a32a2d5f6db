import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@csl/source"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "tooling/*/src/**/*.test.ts", "benchmarks/src/**/*.test.ts"],
    // The default leaves one core out, which is half of two.
    maxWorkers: "100%",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    typecheck: { enabled: false, include: ["packages/*/src/**/*.test-d.ts"] },
  },
});
