import { checkOptions } from "@csl/internal/errors/check-options";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import * as tf from "@tensorflow/tfjs-core";
import { checkNumbers } from "../check-arguments.js";
import { roleLoss } from "../losses/role-loss.js";
import { loadTable, requireSamples, rowsOf, sampleTable, type TrainingSet } from "./sample-table.js";
import type { LossWithMemory } from "./training-loss.js";

export interface RoleTrainingOptions extends TrainingSet {
  /** k, as of `roleLoss`. */
  expectedPositives: number;
  /** The rate of the estimates over that of the model. Default 10. */
  rate?: number;
  /** Of the first estimates. Default 0. */
  seed?: number;
  /** See `LossOptions.validate`. */
  validate?: boolean;
}

/**
 * ROLE with its label estimates: θ of every sample and class begins at logit .995 where annotated positive, logit .005
 * where negative, uniformly within ±logit .6 elsewhere, and is trained by Adam (β₂ 0.999, ε 1e-8, no decay) at `rate` times
 * the model's learning rate. As in the authors' code every estimate moves at every step, so a step costs time in
 * samples × classes. The value is the mean of `roleLoss` times batch × classes: a sum, as of the other losses.
 *
 * Source: Cole et al. (arXiv 2106.09708).
 *
 * @throws CslError `invalid-argument` for batches without `samples`.
 */
export function roleTraining(options: RoleTrainingOptions): LossWithMemory {
  const speaker = "roleTraining";
  checkOptions(speaker, options, {
    samples: true,
    classes: true,
    labels: true,
    expectedPositives: true,
    rate: true,
    seed: true,
    validate: true,
  });
  const { samples: count, classes, expectedPositives, rate = 10, seed = 0, validate } = options;
  checkNumbers(speaker, { expectedPositives, rate });
  const theta = firstEstimates(speaker, options, seed);
  const gradient = new Float32Array(theta.length);
  const moment1 = new Float32Array(theta.length);
  const moment2 = new Float32Array(theta.length);
  let steps = 0;
  return {
    loss: (logits, labels, { samples }) =>
      tf.tidy(() => {
        const mean = roleLoss(logits, labels, {
          estimates: rowsOf(theta, requireSamples(speaker, samples, options), classes),
          expectedPositives,
          ...(validate !== undefined && { validate }),
        });
        return tf.mul(mean, logits.size) as tf.Scalar;
      }),
    observe({ logits, labels, samples }) {
      const places = requireSamples(speaker, samples, options);
      const estimates = Float64Array.from(logits, (_, i) =>
        sigmoid(theta[places[Math.floor(i / classes)]! * classes + (i % classes)]!),
      );
      const found = estimates.reduce((sum, a) => sum + a, 0) / places.length;
      const pull = (2 * (found - expectedPositives)) / classes;
      for (let i = 0; i < estimates.length; i++) {
        const a = estimates[i]!;
        const annotated = labels[i] === 1 ? a - 1 : labels[i] === 0 ? a : 0;
        const at = places[Math.floor(i / classes)]! * classes + (i % classes);
        gradient[at]! += 0.5 * (annotated + a - sigmoid(logits[i]!) + pull * a * (1 - a));
      }
    },
    step({ lr, beta1 }) {
      steps++;
      const size = (lr * rate) / (1 - beta1 ** steps);
      const correction = 1 - 0.999 ** steps;
      for (let i = 0; i < theta.length; i++) {
        const g = gradient[i]!;
        moment1[i] = beta1 * moment1[i]! + (1 - beta1) * g;
        moment2[i] = 0.999 * moment2[i]! + 0.001 * g * g;
        theta[i]! -= (size * moment1[i]!) / (Math.sqrt(moment2[i]! / correction) + 1e-8);
      }
      gradient.fill(0);
    },
    state: () =>
      new Map([
        ["role.estimates", { shape: [count, classes], data: theta }],
        ["role.moment1", { shape: [count, classes], data: moment1 }],
        ["role.moment2", { shape: [count, classes], data: moment2 }],
        ["role.steps", { shape: [1], data: Float32Array.of(steps) }],
      ]),
    load(state) {
      const counted = new Float32Array(1);
      loadTable(speaker, state, "role.estimates", theta);
      loadTable(speaker, state, "role.moment1", moment1);
      loadTable(speaker, state, "role.moment2", moment2);
      loadTable(speaker, state, "role.steps", counted);
      steps = counted[0]!;
      gradient.fill(0);
    },
  };
}

function firstEstimates(speaker: string, set: TrainingSet, seed: number): Float32Array {
  const theta = sampleTable(speaker, set);
  const random = mulberry32(seed);
  const likely = logit(0.6);
  const { classes, samples } = set;
  for (let sample = 0; sample < samples; sample++) {
    const labels = set.labels(sample);
    for (let c = 0; c < classes; c++) {
      const open = (2 * random() - 1) * likely;
      theta[sample * classes + c] = labels[c] === 1 ? logit(0.995) : labels[c] === 0 ? logit(0.005) : open;
    }
  }
  return theta;
}

const logit = (p: number): number => Math.log(p / (1 - p));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
