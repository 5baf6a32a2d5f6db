import { expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { beforeEach, expect, test } from "vitest";
import { createToyModel, toyBatches, toyLoss } from "../../test/toy-model.js";
import type { TrainTask } from "../task.js";
import { train } from "../train.js";
import { capturedGradients } from "./captured-gradients.js";
import { differentiate } from "./differentiate.js";
import type { CaptureStep } from "./recorded.js";

beforeEach(() => tf.setBackend("cpu"));

let recordings: { shape: number[]; runs: number; disposed: boolean }[] = [];
beforeEach(() => {
  recordings = [];
});

/** Overwrites the results of the run before, as a replay does; tensors that hold on to them hold the new numbers. */
const overwriting: CaptureStep = (step, example) => {
  const recording = { shape: example[0]!.shape, runs: 0, disposed: false };
  recordings.push(recording);
  const compute = (inputs: readonly tf.Tensor[]): tf.Tensor[] =>
    tf.tidy(() => step([...inputs])).map((tensor) => tf.keep(tensor));
  let results: tf.Tensor[] | undefined;
  return {
    run(inputs) {
      recording.runs++;
      const next = compute(inputs);
      if (!results) results = next;
      else {
        for (const [i, tensor] of next.entries()) hostArray(results[i]!).set(hostArray(tensor));
        tf.dispose(next);
      }
      return results;
    },
    dispose() {
      recording.disposed = true;
      tf.dispose(results ?? []);
    },
  };
};

function hostArray({ dataId }: tf.Tensor): Float32Array {
  return (tf.backend() as unknown as { data: Map<object, { values: Float32Array }> }).data.get(dataId)!
    .values;
}

/** Every event's numbers of a training, and the weights after it. */
async function trained(options: Partial<TrainTask>): Promise<unknown[]> {
  const model = createToyModel();
  const seen: unknown[] = [];
  await expectNoLeak(async () => {
    for await (const event of train({
      model,
      loss: toyLoss,
      trainBatches: (epoch) => toyBatches(5, { seed: epoch, partial: true }),
      batchesPerEpoch: 5,
      epochs: 2,
      classes: { ids: ["red", "green", "blue"] },
      validationBatches: () => toyBatches(2, { seed: 100 }),
      optimizer: { lr: 0.1 },
      ema: { decay: 0.9 },
      runningPrior: true,
      now: () => 0,
      ...options,
    }))
      seen.push(event);
  });
  seen.push(await model.stateDict());
  model.dispose();
  return seen;
}

test.each([
  ["one batch a step", {}],
  ["two batches a step, the last alone", { accumulate: 2 }],
] as [string, Partial<TrainTask>][])("a training with it equals one without: %s", async (_, options) => {
  expect(await trained({ ...options, captureStep: overwriting })).toEqual(await trained(options));
  expect(recordings).toEqual([{ shape: [8, 4, 4, 3], runs: 10, disposed: true }]);
});

test("batches of other shapes: smaller ones run unrecorded, a larger one is recorded in the place of the first", async () => {
  const sizes = [4, 8, 4, 8, 2];
  const trainBatches = (): ReturnType<typeof toyBatches> => sizes.flatMap((size) => toyBatches(1, { size }));
  expect(await trained({ trainBatches, captureStep: overwriting })).toEqual(await trained({ trainBatches }));
  expect(recordings).toEqual([
    { shape: [4, 4, 4, 3], runs: 1, disposed: true },
    { shape: [8, 4, 4, 3], runs: 4, disposed: true },
  ]);
});

test("a step that cannot be recorded ends the training with the reason, and leaks nothing", async () => {
  const captureStep: CaptureStep = () => {
    throw new Error("captureStep: the step cannot be recorded: it reads.");
  };
  await expect(trained({ captureStep })).rejects.toThrow("cannot be recorded: it reads");
});

test("lasting gradients outlive the next batch; the model continues to count its batches", () => {
  const model = { ...createToyModel(), trainedBatches: 5 };
  const captured = capturedGradients({ model, loss: toyLoss }, overwriting, { lasting: true });
  const [first, second] = [3, 4].map((seed) =>
    tf.randomUniform<tf.Rank.R4>([2, 4, 4, 3], 0, 1, "float32", seed),
  );
  const labels = tf.tensor2d([1, 0, 0, 0, 1, 1], [2, 3]);
  const kept = captured.differentiate(first!, labels).gradients.get("fc.weight")!;
  captured.differentiate(second!, labels);
  const alone = differentiate({ model, loss: toyLoss }, first!, labels).gradients.get("fc.weight")!;
  expect([...kept.dataSync()]).toEqual([...alone.dataSync()]);
  captured.dispose();
  expect(model.trainedBatches).toBe(7);
});
