import { checkOptions } from "@csl/internal/errors/check-options";
import { checkCount, checkRange } from "@csl/internal/errors/check-values";
import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import { type Batches, groups } from "./batch.js";
import { bodyLrScale, checkBodyOptions, frozenBody } from "./body.js";
import { createRankSum } from "./distributed/rank-sum.js";
import type { TrainableModel } from "./model.js";
import { createAdam } from "./optimizer/adam.js";
import { type RangePoint, smoothedPoints, steepestDescent } from "./steepest-descent.js";
import { trainStep } from "./step/train-step.js";
import type { TrainTask } from "./task.js";
import { turn } from "./turn.js";

/** What a range test needs of a training, and how long it is. */
export interface RangeTestTask
  extends Pick<
    TrainTask,
    | "model"
    | "loss"
    | "classes"
    | "optimizer"
    | "body"
    | "clipGradNorm"
    | "accumulate"
    | "signal"
    | "collectives"
  > {
  /** The training's own, in its order; the test ends with them at the latest. */
  batches: Batches;
  /** Optimizer steps at most. Default 100. */
  steps?: number;
  /** The first rate. Default 1e-6. */
  from?: number;
  /** The last rate. Default 1. */
  to?: number;
  /** Called after each step with the number done. */
  onProgress?: (steps: number) => void;
}

/** What a range test found. */
export interface RangeTest {
  /** The highest rate to train with; undefined where the loss did not fall. */
  lr?: number;
  /** All steps that were taken. */
  points: RangePoint[];
}

/** The test ends when the smoothed loss is this many times its lowest. */
const tooHigh = 4;

/**
 * Learning-rate range test: some steps with a rate that grows by a factor from step to step, until the loss explodes; the
 * rate is where the loss fell most steeply. Adam is new, and the model has its weights and statistics back afterwards, bit
 * for bit. The same batches give the same rate.
 *
 * @throws CslError for a task that cannot work; the `signal`'s reason when it is aborted.
 * Source: Smith 2017 (arXiv 1506.01186); the choice as fastai's lr_find.
 */
export async function findLearningRate(task: RangeTestTask): Promise<RangeTest> {
  checkRangeTest(task);
  const { model, optimizer = {}, body, steps = 100, from = 1e-6, to = 1, accumulate = 1 } = task;
  const { weightDecay = 1e-4, decoupled = false } = optimizer;
  const restore = keepModel(model);
  const trained = (body?.freezeEpochs ?? 0) > 0 ? frozenBody(model, body) : model;
  const adam = createAdam(model.parameters(), { weightDecay, decoupled, lrScale: bodyLrScale(body) });
  const { collectives, signal } = task;
  const ranks = collectives && {
    sum: createRankSum(collectives, trained.parameters()),
    stop: () => signal?.aborted === true,
  };
  const learner = { model: trained, loss: task.loss, adam, numClasses: task.classes.ids.length, ranks };
  const taken: { lr: number; loss: number }[] = [];
  let lowest = Number.POSITIVE_INFINITY;
  try {
    for await (const batches of groups(task.batches, { size: accumulate })) {
      const lr = from * (to / from) ** (taken.length / Math.max(1, steps - 1));
      const { clipGradNorm } = task;
      const { loss, images, stop } = await trainStep(learner, batches, { lr, beta1: 0.9 }, { clipGradNorm });
      taken.push({ lr, loss: loss / images });
      task.onProgress?.(taken.length);
      const { smoothed } = smoothedPoints(taken).at(-1)!;
      lowest = Math.min(lowest, smoothed);
      await turn();
      // Several ranks stop together.
      if (ranks ? stop : signal?.aborted)
        throw signal?.aborted ? signal.reason : new DOMException("another rank was stopped", "AbortError");
      if (taken.length === steps || smoothed > tooHigh * lowest) break;
    }
  } catch (error) {
    // A rate so high that numbers are no longer finite is what the test is looking for; at the first step it is not.
    if (!isCslError(error, "not-finite") || taken.length === 0) throw error;
  } finally {
    adam.dispose();
    restore();
  }
  const points = smoothedPoints(taken);
  const lr = steepestDescent(points, { planned: steps });
  return { points, ...(lr !== undefined && { lr }) };
}

function checkRangeTest(task: RangeTestTask): void {
  checkOptions("findLearningRate", task, {
    ...{ model: true, loss: true, classes: true, optimizer: true, body: true, clipGradNorm: true },
    ...{
      accumulate: true,
      signal: true,
      collectives: true,
      batches: true,
      steps: true,
      from: true,
      to: true,
      onProgress: true,
    },
  });
  checkOptions("findLearningRate: optimizer", task.optimizer ?? {}, {
    ...{ lr: true, weightDecay: true, decoupled: true, pctStart: true },
  });
  checkBodyOptions("findLearningRate", task.body);
  const { steps = 100, from = 1e-6, to = 1, accumulate = 1 } = task;
  checkCount("findLearningRate", "steps", steps);
  checkCount("findLearningRate", "accumulate", accumulate);
  checkRange("findLearningRate", "from", from, { above: 0 });
  checkRange("findLearningRate", "to", to, { above: 0 });
  if (to <= from)
    throw new CslError(
      "invalid-argument",
      `findLearningRate: expected to above from, which is ${from}, got ${to}.`,
    );
}

/** Copies a model's variables; what it returns puts them back, once. */
function keepModel(model: TrainableModel): () => void {
  const { trainedBatches } = model;
  const variables = [...model.parameters().values(), ...model.buffers().values()];
  // Times one: a clone would share the memory of the variable.
  const copies = variables.map((variable) => tf.mul(variable, 1));
  return () => {
    variables.forEach((variable, i) => {
      variable.assign(copies[i]!);
      copies[i]!.dispose();
    });
    if (trainedBatches !== undefined) model.trainedBatches = trainedBatches;
  };
}
