import { defineConfig } from "vitest/config";

const packages = [
  "packages/*/src/**/*.test.ts",
  "tooling/*/src/**/*.test.ts",
  "benchmarks/src/**/*.test.ts",
  "scripts/**/*.test.mjs",
];
const commands = "packages/cli/src/**/*.test.ts";
// Tests that replace a module, measure memory, want a backend that nobody gave kernels, or start an engine besides wasm and cpu.
const own = [
  "packages/cli/src/commands/engines-command.test.ts",
  "packages/cli/src/commands/train/cuda-graphs.test.ts",
  "packages/engine/src/**/*.test.ts",
  "packages/partial-loss/src/kernel/check-batch.test.ts",
  "packages/tfjs-backend-torch/src/**/*.test.ts",
  "packages/tresnet/src/kernels/needed-kernels.test.ts",
  "packages/**/*webgpu*.test.ts",
  "tooling/fuzz/src/**/*.test.ts",
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
      // The commands take the engine of their process; the libraries' tests change its backend.
      {
        extends: true,
        // Files share a process, which loads the packages once: a third of the time of a process for each.
        test: { name: "libraries", include: packages, exclude: [...own, commands], isolate: false },
      },
      {
        extends: true,
        test: { name: "commands", include: [commands], exclude: own, isolate: false },
      },
      { extends: true, test: { name: "own", include: own } },
    ],
  },
});
