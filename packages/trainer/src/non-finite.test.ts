import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCheckpoint } from "@csl/checkpoints";
import { partialLoss } from "@csl/partial-loss";
import { expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createToyModel, toyBatches, toyLoss } from "../test/toy-model.js";
import { collect, toyTaskIn } from "../test/toy-training.js";
import type { Batch } from "./batch.js";
import type { TrainTask } from "./task.js";

setThreadsCount(1);
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trainer-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The toy's loss, whose gradient is multiplied by a factor from the given call on. */
function spoiltFrom(call: number, factor: number): TrainTask["loss"] {
  let calls = 0;
  const factorOf = tf.customGrad((x) => ({
    value: tf.clone(x as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => tf.mul(dy, factor),
  }));
  return (logits, labels) => {
    const loss = toyLoss(logits, labels);
    return ++calls < call ? loss : (factorOf(loss) as tf.Scalar);
  };
}

const asFloats = (batch: Batch, spoil: number): Batch => {
  const images = Float32Array.from(batch.images, (byte) => byte / 255);
  images[5] = spoil;
  return { ...batch, images };
};

describe.each(["cpu", "wasm"])("on %s a step is not taken", (backend) => {
  beforeEach(async () => {
    await tf.setBackend(backend);
  });

  test.each<[string, () => Partial<TrainTask>, RegExp]>([
    [
      "with a loss of NaN",
      () => ({ loss: (x, y) => tf.tidy(() => tf.mul(toyLoss(x, y), Number.NaN) as tf.Scalar) }),
      /finite numbers in step 1, got NaN as the loss at a learning rate of 0\.0/,
    ],
    [
      "with gradients of NaN",
      () => ({ loss: spoiltFrom(1, Number.NaN) }),
      /step 1, got NaN in the gradient of "fc.weight"/,
    ],
    [
      "with infinite gradients, of accumulated batches too",
      () => ({ loss: spoiltFrom(2, Number.POSITIVE_INFINITY), accumulate: 2 }),
      /step 1, got (-?Infinity|NaN) in the gradient of "fc/,
    ],
    [
      "with finite gradients whose squares are infinite",
      () => ({ loss: spoiltFrom(1, 1e25) }),
      /got -?\d.*e\+2\d in the gradient of "fc.weight" \(the second moment would be infinite\)/,
    ],
    [
      "with an image value of NaN",
      () => ({ trainBatches: () => toyBatches(5).map((batch) => asFloats(batch, Number.NaN)) }),
      /step 1, got NaN as value 5 of the images/,
    ],
    [
      "with an infinite running statistic",
      () => {
        const model = createToyModel();
        model
          .buffers()
          .get("norm.running_mean")!
          .assign(tf.tensor1d([0, Number.POSITIVE_INFINITY, 0]));
        return { model };
      },
      /step 1, got Infinity in the running statistic "norm.running_mean"/,
    ],
  ])("%s", async (_, options, message) => {
    const task = toyTaskIn(folder, options());
    const weights = async () => (await task.model.stateDict()).get("fc.weight")!.data;
    const before = await weights();
    await expect(collect(task)).rejects.toThrow(message);
    await expect(collect(task)).rejects.toMatchObject({ code: "not-finite" });
    expect(await weights()).toEqual(before);
  });

  test("names the weight that is not finite when the loss refuses its logits", async () => {
    const model = createToyModel();
    model
      .parameters()
      .get("fc.bias")!
      .assign(tf.tensor1d([0, Number.NaN, 0]));
    const task = toyTaskIn(folder, { model, loss: partialLoss });
    await expect(collect(task)).rejects.toThrow(
      /in step 1, got an error of the loss \(partialLoss: expected finite logits, got NaN at \[0, 1\].*\), with NaN in the weight "fc.bias"/,
    );
  });
});

test("a step that is refused leaves last.safetensors, and what it advises works", async () => {
  await tf.setBackend("cpu");
  const model = createToyModel();
  await expectNoLeak(async () => {
    await expect(collect(toyTaskIn(folder, { model, loss: spoiltFrom(8, 1e30) }))).rejects.toThrow(
      /in step 8.*resume with a lower optimizer\.lr and allowChanges/,
    );
  });
  const resume = join(folder, "last.safetensors");
  const { training } = await loadCheckpoint(resume);
  expect(training!.progress.epoch).toBe(1);
  const rest = await collect(toyTaskIn(folder, { resume, optimizer: { lr: 0.01 }, allowChanges: true }));
  const changes = { lr: { from: 0.1, to: 0.01 } };
  expect(rest[0]).toMatchObject({ type: "start", step: 5, changes: [{ step: 5, settings: changes }] });
  expect(rest.at(-1)).toMatchObject({ type: "end", steps: 20 });
  const { training: after } = await loadCheckpoint(resume);
  expect(after!.changes).toEqual([{ step: 5, settings: changes }]);
  expect(after!.settings).toMatchObject({ lr: 0.01 });
});

test("a training without a gradient ends after its first epoch, in words", async () => {
  await tf.setBackend("cpu");
  const unannotated = toyBatches(5).map((batch) => ({
    ...batch,
    labels: batch.labels.map(() => -1) as Int8Array,
  }));
  await expect(collect(toyTaskIn(folder, { trainBatches: () => unannotated }))).rejects.toThrow(
    "got a gradient of 0 for every weight in all steps of epoch 0: nothing is learned",
  );
  const some = [...unannotated.slice(1), ...toyBatches(1)];
  await collect(toyTaskIn(folder, { trainBatches: () => some, overwrite: true, epochs: 1 }));
});

test.each<[string, Partial<TrainTask>, string]>([
  ["validateEvery", { validateEvery: 0 }, "validateEvery to be a whole number from 1 on, got 0"],
  [
    "checkpointEverySteps",
    { checkpointEverySteps: -1 },
    "checkpointEverySteps to be a whole number from 1 on, got -1",
  ],
  ["accumulate", { accumulate: 1.5 }, "accumulate to be a whole number from 1 on, got 1.5"],
  ["lr", { optimizer: { lr: Number.NaN } }, "optimizer.lr to be a finite number above 0, got NaN"],
  ["lr", { optimizer: { lr: -1 } }, "optimizer.lr to be a finite number above 0, got -1"],
  [
    "weightDecay",
    { optimizer: { weightDecay: -1 } },
    "optimizer.weightDecay to be a finite number of at least 0, got -1",
  ],
  [
    "pctStart",
    { optimizer: { pctStart: 2 } },
    "optimizer.pctStart to be a finite number of at least 0 and of at most 1, got 2",
  ],
  [
    "decoupled decay",
    { optimizer: { lr: 1, weightDecay: 2, decoupled: true } },
    "optimizer.lr · optimizer.weightDecay to be a finite number below 1, got 2",
  ],
  ["ema", { ema: { decay: 1 } }, "ema.decay to be a finite number of at least 0 and below 1, got 1"],
])("%s outside its range is refused", async (_, options, message) => {
  await tf.setBackend("cpu");
  const model = createToyModel();
  await expectNoLeak(() =>
    expect(collect(toyTaskIn(folder, { model, ...options }))).rejects.toThrow(message),
  );
});
