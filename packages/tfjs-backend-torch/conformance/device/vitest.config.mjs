// This package's tests on a device with a memory of its own: one without hardware (test/fake-device), or a GPU.
//
//   npx vitest run --config packages/tfjs-backend-torch/conformance/device/vitest.config.mjs [file]
//   CSL_TORCH_TEST_DEVICE=cuda npx vitest run --config …

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = fileURLToPath(new URL(".", import.meta.url));
const tests = "packages/tfjs-backend-torch/src";

export default defineConfig({
  root: join(here, "../../../.."),
  ssr: { resolve: { conditions: ["@csl/source"] } },
  test: {
    include: [`${tests}/**/*.test.ts`],
    exclude: [
      // Loops over host memory.
      ...["fused/winograd", "fused/winograd-halves", "fused/pointwise-gradient", "host-arena"],
      // Nothing of them is computed by libtorch, or by a program of its own.
      ...[
        "build-binding",
        "find-libtorch",
        "load-binding",
        "readme",
        "free-gradients-early",
        "choose-device",
      ],
    ].map((name) => `${tests}/${name}.test.ts`),
    env: { CSL_TORCH_TEST_DEVICE: process.env.CSL_TORCH_TEST_DEVICE ?? "fake" },
    // The default leaves one core out, which is half of two.
    maxWorkers: "100%",
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
