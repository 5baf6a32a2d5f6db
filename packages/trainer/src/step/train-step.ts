import { checkOptions } from "@csl/internal/errors/check-options";
import { checkRange } from "@csl/internal/errors/check-values";
import * as tf from "@tensorflow/tfjs-core";
import type { Batch } from "../batch.js";
import type { RankNote, StepSum } from "../distributed/rank-sum.js";
import type { TrainableModel } from "../model.js";
import { findCause, findNonFinite, nonFiniteError, type StepPlace } from "../non-finite.js";
import { largestNorm, norm } from "../optimizer/norm.js";
import { addInto } from "./add-into.js";
import { gradientsOrCause } from "./batch-gradients.js";
import type { Learner, RankStep, StepOptions, StepResult } from "./learner.js";
import { guardsSteps, unreadStep } from "./unread-step.js";

/**
 * One optimizer step over one or more batches. Their gradients are added, not averaged: with the reference's sum
 * reduction, k accumulated batches weigh as one batch of k times the size. (Batch normalisation still sees each
 * batch alone.)
 *
 * @param options.epoch what a loss that changes is told; default 0. Its `observe`, `step` and `endEpoch` are the caller's.
 * @throws CslError `not-finite` naming step, rate and tensor when an image, the loss or a gradient is not finite, or a
 * gradient so large that Adam's second moment would not be; no weight and no moment has changed then.
 */
export async function trainStep(
  learner: Learner,
  batches: readonly Batch[],
  rate: { lr: number; beta1: number },
  options: StepOptions & { epoch?: number } = {},
): Promise<StepResult> {
  checkOptions("trainStep", options, { onLogits: true, clipGradNorm: true, epoch: true });
  const { onLogits, clipGradNorm, epoch = 0 } = options;
  if (clipGradNorm !== undefined) checkRange("trainStep", "clipGradNorm", clipGradNorm, { above: 0 });
  const { adam, ema, model } = learner;
  const at = { step: adam.step + 1, lr: rate.lr, epoch };
  // Several ranks agree on the step by way of the host.
  if (!learner.ranks && guardsSteps())
    return unreadStep(learner, batches, rate, { onLogits, clipGradNorm, at });
  const sums = new Map<string, tf.Tensor>();
  let images = batches.reduce((sum, { size }) => sum + size, 0);
  let stop = false;
  let loss = 0;
  let gradientNorm = 0;
  let largest = 0;
  const rankSum = learner.ranks?.sum.begin(sums);
  const ready = rankSum?.ready;
  const onGradient =
    ready &&
    ((key: string, gradient: tf.Tensor): void => {
      addInto(sums, new Map([[key, gradient]]));
      ready(key);
    });
  try {
    for (const [i, batch] of batches.entries()) {
      const isLast = i + 1 === batches.length;
      const result = await gradientsOrCause(learner, batch, {
        ...at,
        onGradient: isLast ? onGradient : undefined,
      });
      addInto(sums, result.gradients);
      const logits = onLogits && (await result.logits.data<"float32">());
      const [value, gradients = 0, statistics = 0] = await readOnce(
        result.loss,
        isLast ? { sums, model } : undefined,
      );
      loss += value!;
      gradientNorm = gradients;
      largest = Math.max(gradients, statistics);
      tf.dispose([result.loss, result.logits]);
      if (!Number.isFinite(loss) && !learner.ranks)
        throw nonFiniteError(`${loss} as the loss`, { ...at, from: await findCause(model) });
      if (logits) onLogits(logits, batch);
    }
    if (learner.ranks && rankSum) {
      const own = { loss, finite: Number.isFinite(loss) && largest <= largestNorm, images };
      const all = await overRanks(learner.ranks, { sums, rankSum, own, at, model });
      ({ loss, images, stop, gradientNorm } = all);
      largest = gradientNorm;
    }
    if (!(largest <= largestNorm)) {
      const found = (await findNonFinite(sums)) ?? (await findCause(model));
      if (found) throw nonFiniteError(found, at);
    }
    if (clipGradNorm !== undefined) clip(sums, gradientNorm, clipGradNorm);
    const averaged = adam.apply(sums, { ...rate, ema });
    ema?.update(averaged);
    return { loss, gradientNorm, images, stop };
  } finally {
    rankSum?.dispose();
    tf.dispose([...sums.values()]);
  }
}

/**
 * The step of all ranks: replaces the sums of this one by those of all. A number that is not finite on one of them stops all in
 * this step.
 */
async function overRanks(
  ranks: RankStep,
  {
    sums,
    rankSum,
    own,
    at,
    model,
  }: {
    sums: Map<string, tf.Tensor>;
    rankSum: StepSum;
    own: Pick<RankNote, "loss" | "finite" | "images">;
    at: StepPlace;
    model: TrainableModel;
  },
): Promise<StepResult> {
  // What exactly is not finite is known where it happened; asked for before the gradients are replaced.
  const cause = own.finite ? undefined : ((await findNonFinite(sums)) ?? `${own.loss} as the loss`);
  const notes = await rankSum.finish({ ...own, stop: ranks.stop() });
  if (cause !== undefined) throw nonFiniteError(cause, { ...at, from: await findCause(model) });
  const failed = notes.findIndex(({ loss, finite }) => !finite || !Number.isFinite(loss));
  if (failed >= 0) throw nonFiniteError(`others on rank ${failed}, whose own message says which`, at);
  const total = norm([...sums.values()]);
  const [gradientNorm] = await total.data<"float32">();
  total.dispose();
  const add = (pick: (note: RankNote) => number): number => notes.reduce((sum, note) => sum + pick(note), 0);
  return {
    loss: add((note) => note.loss),
    images: add((note) => note.images),
    stop: notes.some((note) => note.stop),
    gradientNorm: gradientNorm!,
  };
}

/**
 * Scales gradients down to a norm, with torch.nn.utils.clip_grad_norm_'s factor. The norm has been read with the loss, so
 * that nothing waits for the device.
 */
function clip(gradients: Map<string, tf.Tensor>, gradientNorm: number, most: number): void {
  const factor = most / (gradientNorm + 1e-6);
  if (factor >= 1) return;
  for (const [key, gradient] of gradients) {
    gradients.set(key, tf.mul(gradient, factor));
    gradient.dispose();
  }
}

/** The loss and, before a step, the norms of gradients and running statistics, in one read: every read waits for the device. */
async function readOnce(
  loss: tf.Scalar,
  before?: { sums: ReadonlyMap<string, tf.Tensor>; model: TrainableModel },
): Promise<Float32Array> {
  if (!before) return loss.data<"float32">();
  const { sums, model } = before;
  const numbers = tf.tidy(() =>
    tf.stack([loss, norm([...sums.values()]), norm([...model.buffers().values()])]),
  );
  try {
    return await numbers.data<"float32">();
  } finally {
    numbers.dispose();
  }
}
