import { loadCheckpoint } from "@csl/checkpoints";
import {
  labelCorrectionTraining,
  pseudoLabelTraining,
  roleTraining,
  splcLoss,
  type TrainingLoss,
} from "@csl/partial-loss";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { createToyModel, toyBatches } from "../test/toy-model.js";
import { collect, toyTaskIn } from "../test/toy-training.js";
import type { Batch } from "./batch.js";
import type { TrainTask } from "./task.js";

const { at } = temporaryFolder();
beforeAll(() => tf.setBackend("cpu"));

/** 40 samples in five batches, in another order in each epoch. */
const all = toyBatches(5, { partial: true });
function epochOf(epoch: number): Batch[] {
  return all.map((_, i) => {
    const from = (i + epoch) % all.length;
    return { ...all[from]!, samples: Array.from({ length: 8 }, (_, row) => 8 * from + row) };
  });
}
const set = {
  samples: 40,
  classes: 3,
  labels: (sample: number) =>
    all[Math.floor(sample / 8)]!.labels.slice(3 * (sample % 8), 3 * (sample % 8) + 3),
};

const kinds: Record<string, () => TrainingLoss> = {
  role: () => roleTraining({ ...set, expectedPositives: 1.5 }),
  "pseudo-labels": () => pseudoLabelTraining({ ...set, epochs: 4, warmupEpochs: 1 }),
  "correction for good": () => labelCorrectionTraining({ ...set, rate: 0.05 }),
  "splc, by the epoch": () => ({ loss: (x, y, { epoch }) => splcLoss(x, y, { correct: epoch >= 1 }) }),
};

function task(folder: string, loss: TrainingLoss, options: Partial<TrainTask> = {}): TrainTask {
  return toyTaskIn(folder, { loss, trainBatches: epochOf, checkpointEverySteps: 1, ...options });
}

describe.each(Object.entries(kinds))("a training with the loss %s", (name, create) => {
  it.each([
    [1, 2],
    [1, 5],
    [1, 8],
    [2, 4],
  ])(
    "accumulating %d, stopped after step %d: resumed, it ends the same, bit for bit",
    async (accumulate, stopAfter) => {
      const folder = (kind: string) => at(`${name} ${accumulate} ${stopAfter} ${kind}`);
      await collect(task(folder("whole"), create(), { accumulate }));
      const stop = new AbortController();
      await collect(task(folder("parts"), create(), { accumulate, signal: stop.signal }), (event) => {
        if (event.type === "step" && event.step === stopAfter) stop.abort();
      });
      const last = `${folder("parts")}/last.safetensors`;
      await collect(task(folder("parts"), create(), { accumulate, resume: last, model: createToyModel() }));
      const [whole, parts] = await Promise.all(
        ["whole", "parts"].map((kind) => loadCheckpoint(`${folder(kind)}/last.safetensors`)),
      );
      expect(parts).toEqual(whole);
      expect(whole!.training!.loss !== undefined).toBe(create().state !== undefined);
    },
  );
});

it("a loss that keeps numbers of samples says what the batches lack", async () => {
  const batches = () => toyBatches(5, { partial: true });
  await expect(collect(task(at("none"), kinds.role!(), { trainBatches: batches }))).rejects.toThrow(
    /place of each sample in the training set, 0 to 39, got none/,
  );
});

it("steps of a loss that changes are not recorded", async () => {
  const captureStep = () => ({ run: () => [], dispose: () => {} });
  await expect(collect(task(at("recorded"), kinds.role!(), { captureStep }))).rejects.toThrow(
    /same at every batch for captureStep/,
  );
});
