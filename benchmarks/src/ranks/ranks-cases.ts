import {
  assumeNegativeLoss,
  asymmetricLoss,
  expectedPositivesLoss,
  focalLoss,
  generalizedRobustLoss,
  hillLoss,
  ignore,
  labelCorrectionTraining,
  largeLoss,
  negative,
  normalized,
  partialLoss,
  pseudoLabelTraining,
  roleTraining,
  selective,
  splcLoss,
  weakAssumeNegativeLoss,
} from "@csl/partial-loss";
import type { Batch, TrainableModel, TrainTask } from "@csl/trainer";
import { createTResNet, type TResNetShape } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs-core";

export const classes = 8;
export const side = 32;
/** Over all ranks, of an epoch, in the sizes of a rank. Two epochs are trained. */
const epochs = 2;

/** A way to train, and what is compared. */
export interface RanksCase {
  loss: () => TrainTask["loss"];
  /** Norms with their running statistics. */
  frozen?: boolean;
  /** One process with batches of all ranks' images instead of one that accumulates. */
  joined?: boolean;
  syncBn?: boolean;
  /** The images of a step in another order: what the order of additions alone changes. */
  reversed?: boolean;
  /** Steps of an epoch; default 5. */
  steps?: number;
}

const sum = { reduction: "sum" } as const;
const set = { samples: 5 * 4 * 16, classes, labels: (sample: number) => labelsOf(sample) };
const prior = Array.from({ length: classes }, (_, c) => 0.1 + 0.1 * c);
const csl = selective({ prior, topK: 2, topKScope: "sample" });
const perSample = () => (x: tf.Tensor2D, y: tf.Tensor2D) => partialLoss(x, y, { unannotated: csl });

/** The command's losses with their changes over the epochs, all modes of csl among them. */
export const losses: Readonly<Record<string, () => TrainTask["loss"]>> = {
  "csl negative": () => (x, y) => partialLoss(x, y, { unannotated: negative() }),
  "csl ignore": () => (x, y) => partialLoss(x, y, { unannotated: ignore() }),
  "csl ignore_normalized": () => (x, y) => partialLoss(x, y, { unannotated: normalized({}) }),
  "csl selective, top-k per batch": () => (x, y) =>
    partialLoss(x, y, { unannotated: selective({ prior, topK: 9 }) }),
  "csl selective, top-k per sample": perSample,
  asl: () => (x, y) => asymmetricLoss(x, y),
  focal: () => (x, y) => focalLoss(x, y),
  hill: () => (x, y) => hillLoss(x, y),
  splc: () => ({ loss: (x, y, { epoch }) => splcLoss(x, y, { correct: epoch >= 1 }) }),
  role: () => roleTraining({ ...set, expectedPositives: 2 }),
  em: () => pseudoLabelTraining({ ...set, epochs, warmupEpochs: 1 }),
  "large-loss reject": () => ({
    loss: (x, y, { epoch }) => largeLoss(x, y, { rate: 0.1 * epoch, mode: "reject", ...sum }),
  }),
  "large-loss correct-for-good": () => labelCorrectionTraining({ ...set, rate: 0.02 }),
  gr: () => ({
    loss: (x, y, { epoch }) =>
      generalizedRobustLoss(x, y, {
        slope: 2 * epoch,
        center: 0.5 + 0.3 * epoch,
        width: 2 - 1.5 * epoch,
        ...sum,
      }),
  }),
  an: () => (x, y) => assumeNegativeLoss(x, y, sum),
  wan: () => (x, y) => weakAssumeNegativeLoss(x, y, sum),
  epr: () => (x, y) =>
    tf.tidy(() => tf.mul(expectedPositivesLoss(x, y, { expectedPositives: 2 }), x.size) as tf.Scalar),
};

export const cases: Readonly<Record<string, RanksCase>> = {
  ...Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, { loss }])),
  frozen: { loss: perSample, frozen: true, joined: true },
  "frozen, reversed": { loss: perSample, frozen: true, joined: true, reversed: true },
  "sync-bn": { loss: perSample, joined: true, syncBn: true },
  "sync-bn, reversed": { loss: perSample, joined: true, syncBn: true, reversed: true },
  "200 steps": { loss: perSample, steps: 100 },
};

function noise(i: number): number {
  const x = Math.sin(i * 12.9898) * 43758.5453;
  return x - Math.floor(x);
}

function labelsOf(sample: number): number[] {
  return Array.from({ length: classes }, (_, c) => Math.floor(3 * noise(sample * classes + c + 0.5)) - 1);
}

/** Number `index` of an epoch's batches. */
export function batchOf(epoch: number, index: number, { size = 16 } = {}): Batch {
  const samples = Array.from({ length: size }, (_, row) => (size * index + row) % set.samples);
  const pixels = side * side * 3;
  return {
    images: Uint8Array.from({ length: size * pixels }, (_, i) => {
      const sample = samples[Math.floor(i / pixels)]!;
      return 255 * noise(sample * 7919 + (i % pixels) + 0.1 * epoch);
    }),
    labels: Int8Array.from(samples.flatMap(labelsOf)),
    ...{ size, height: side, width: side, samples },
  };
}

/** Batches as one, row after row, or from the last row to the first; or every n-th row of them. */
export function join(
  batches: readonly Batch[],
  { reversed = false, every = 1, from = 0 }: { reversed?: boolean; every?: number; from?: number } = {},
): Batch {
  const all = batches.flatMap(({ images, labels, size, samples }) =>
    Array.from({ length: size }, (_, row) => ({
      images: images.subarray((row * images.length) / size, ((row + 1) * images.length) / size),
      labels: labels.subarray(row * classes, (row + 1) * classes),
      sample: samples![row]!,
    })),
  );
  const rows = all.filter((_, i) => i % every === from);
  if (reversed) rows.reverse();
  return {
    images: Uint8Array.from(rows.flatMap(({ images }) => [...images])),
    labels: Int8Array.from(rows.flatMap(({ labels }) => [...labels])),
    ...{ size: rows.length, height: side, width: side, samples: rows.map(({ sample }) => sample) },
  };
}

const variant: TResNetShape = {
  ...{ layers: [1, 1, 1, 1], width: 0.125 },
  blocks: ["basic", "basic", "bottleneck", "bottleneck"],
};

export function modelOf({ frozen = false }: RanksCase): TrainableModel & { dispose(): void } {
  const model = createTResNet({ variant, numClasses: classes, seed: 1 });
  if (!frozen) return model;
  return {
    ...{ parameters: model.parameters, buffers: model.buffers, stateDict: model.stateDict },
    ...{ loadStateDict: model.loadStateDict, dispose: model.dispose },
    forward: (images) => model.forward(images, { training: false }),
  };
}
