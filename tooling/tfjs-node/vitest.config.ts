import { defineConfig } from "vitest/config";

// The project's tests with src/setup.ts before each file. The engine and the torch backend are left out: their tests
// compare backends with one another.
export default defineConfig({
  ssr: { resolve: { conditions: ["@csl/source"] } },
  test: {
    root: "../..",
    include: ["packages/*/src/**/*.test.ts"],
    exclude: ["packages/engine/**", "packages/tfjs-backend-torch/**"],
    setupFiles: ["tooling/tfjs-node/src/setup.ts"],
    testTimeout: 120_000,
  },
});
