import { expect, it } from "vitest";
import { requireRanges } from "./require-ranges.js";

it.each([
  [{ epochs: 0 }, "csl train: expected --epochs to be a whole number from 1 on, got 0."],
  [{ batchSize: 1.5 }, "expected --batch-size to be a whole number from 1 on, got 1.5"],
  [{ gammaUnann: -1 }, "expected --gamma-unann to be a number from 0 on, got -1"],
  [{ emaDecay: 1 }, "expected --ema-decay to be a number of 0 to 1, 1 left out, got 1"],
  [{ imageTimeout: 1e6 }, "expected --image-timeout to be 0 (for ever) to 400000 seconds, got 1000000"],
  [{ checkpointEvery: 0.5 }, "expected --checkpoint-every to be a whole number of steps, or 0"],
  [{ epochs: 2, stopEpoch: 3 }, "expected --stop-epoch to be at most --epochs, which is 2, got 3. Raise"],
])("%j", (options, message) => {
  expect(() => requireRanges("csl train", options)).toThrow(message);
});

it("takes what is in range, and flags that a command has not", () => {
  requireRanges("csl train", { epochs: 1, stopEpoch: 1, workers: 0, imageTimeout: 0, checkpointEvery: 0 });
});
