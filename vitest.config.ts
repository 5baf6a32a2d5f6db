import { defineConfig } from "vitest/config";

const packages = [
  "packages/*/src/**/*.test.ts",
  "tooling/*/src/**/*.test.ts",
  "benchmarks/src/**/*.test.ts",
  "scripts/**/*.test.mjs",
];
// Tests that replace a module, or want an engine that nobody started or a backend that nobody gave kernels; and those of engines.
const own = [
  "packages/cli/src/commands/engines-command.test.ts",
  "packages/cli/src/commands/train/cuda-graphs.test.ts",
  "packages/tresnet/src/kernels/needed-kernels.test.ts",
  "packages/engine/src/**/*.test.ts",
  "packages/tfjs-backend-torch/src/**/*.test.ts",
];

export default defineConfig({
  ssr: { resolve: { conditions: ["@csl/source"] } },
  test: {
    // The default leaves one core out, which is half of two.
    maxWorkers: "100%",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    typecheck: { enabled: false, include: ["packages/*/src/**/*.test-d.ts"] },
    projects: [
      {
        extends: true,
        // Files share a process, which loads the packages once: a third of the time of a process for each.
        test: { name: "shared", include: packages, exclude: own, isolate: false },
      },
      { extends: true, test: { name: "own", include: own } },
    ],
  },
});
