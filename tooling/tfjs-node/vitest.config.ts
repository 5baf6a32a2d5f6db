import { join } from "node:path";
import { defineConfig } from "vitest/config";

// The project's tests with src/setup.ts before each file.
const comparingBackends = ["packages/engine/**", "packages/tfjs-backend-torch/**"];
const formsOfOneBackend = [
  "packages/tresnet/src/kernels/kernels.test.ts", // the loops for cpu's plain arrays against the composed form
  "packages/partial-loss/src/kernel/register-kernels.test.ts",
];

export default defineConfig({
  ssr: { resolve: { conditions: ["@csl/source"] } },
  test: {
    root: join(import.meta.dirname, "../.."),
    include: ["packages/*/src/**/*.test.ts"],
    exclude: [...comparingBackends, ...formsOfOneBackend],
    setupFiles: ["tooling/tfjs-node/src/setup.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
