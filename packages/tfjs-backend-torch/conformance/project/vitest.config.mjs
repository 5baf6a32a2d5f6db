// The project's own tests, on the torch engine: whatever backend a test asks for, it gets torch.
//
//   npx vitest run --config packages/tfjs-backend-torch/conformance/project/vitest.config.mjs [file]
//
// Without libtorch the run fails at once.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = fileURLToPath(new URL(".", import.meta.url));

export default defineConfig({
  root: join(here, "../../../.."),
  resolve: { alias: { "@csl/engine": join(here, "engine.mjs") } },
  ssr: { resolve: { conditions: ["@csl/source"] } },
  test: {
    include: [
      "packages/partial-loss/src/**/*.test.ts",
      "packages/tresnet/src/**/*.test.ts",
      "packages/trainer/src/**/*.test.ts",
    ],
    // READMEs and interruptions run programs of their own, which this setup does not reach; register-kernels gives the cpu backend a kernel
    // that no other has; captured-gradients writes into its memory; overlap's ranks, in one process, sum arrays, for which torch would
    // wait (src/distributed/training-on-ranks.test.ts sums its tensors); webgpu's own tests need webgpu, and needed-kernels looks at what
    // the composed forms run, which torch replaces.
    exclude: [
      "**/readme.test.ts",
      "**/interruption.test.ts",
      "**/register-kernels.test.ts",
      "**/captured-gradients.test.ts",
      "**/overlap.test.ts",
      "**/webgpu-*.test.ts",
      "**/needed-kernels.test.ts",
    ],
    setupFiles: [join(here, "take-torch.mjs")],
    // Files share a process, which loads libtorch and the packages once.
    isolate: false,
    // The default leaves one core out, which is half of two.
    maxWorkers: "100%",
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
