import { checkOptions } from "@csl/internal/errors/check-options";
import { checkCount } from "@csl/internal/errors/check-values";
import * as tf from "@tensorflow/tfjs-core";
import { checkNumbers } from "../check-arguments.js";
import type { Reduction } from "../kernel/reduction.js";
import { entropyMaximizationLoss } from "../losses/entropy-maximization-loss.js";
import { loadTable, requireSamples, rowsOf, sampleTable, type TrainingSet } from "./sample-table.js";
import type { LossWithMemory } from "./training-loss.js";

export interface PseudoLabelTrainingOptions extends TrainingSet {
  /** Epochs of the training: the pseudo-labels are spread over those after the warm-up. */
  epochs: number;
  /** Epochs before the first pseudo-labels, which are assigned at the end of the last of them. Default 5. */
  warmupEpochs?: number;
  /** Share of a class's un-annotated entries that get one until the end. Default 0.9. */
  share?: number;
  /** As of `entropyMaximizationLoss`. */
  alpha?: number;
  beta?: number;
  /** Default `"sum"`. */
  reduction?: Reduction;
  /** See `LossOptions.validate`. */
  validate?: boolean;
}

/** Of an entry without a soft negative, and of one that can get none. */
const open = -1;
const annotated = -2;

/**
 * EM with asymmetric pseudo-labels (APL): at the end of every epoch from `warmupEpochs` on, each class gives the
 * un-annotated entries that its predictions are lowest for a soft negative, their probability; it stays. An epoch assigns
 * ⌊share · un-annotated / (epochs − warmupEpochs)⌋ of a class. The predictions are those of the epoch's training steps,
 * so no pass of its own is needed (the authors' code makes one, on augmented images as well).
 *
 * Source: Zhou et al. (arXiv 2203.16219).
 *
 * @throws CslError `invalid-argument` for batches without `samples`.
 */
export function pseudoLabelTraining(options: PseudoLabelTrainingOptions): LossWithMemory {
  const speaker = "pseudoLabelTraining";
  checkOptions(speaker, options, {
    samples: true,
    classes: true,
    labels: true,
    epochs: true,
    warmupEpochs: true,
    share: true,
    alpha: true,
    beta: true,
    reduction: true,
    validate: true,
  });
  const { samples: count, classes, epochs, warmupEpochs = 5, share = 0.9, ...rest } = options;
  const { alpha = 0.1, beta = 0.9, reduction = "sum", validate } = rest;
  checkCount(speaker, "epochs", epochs);
  checkCount(speaker, "warmupEpochs", warmupEpochs);
  checkNumbers(speaker, { share }, { most: 1 });
  const soft = sampleTable(speaker, options);
  const latest = sampleTable(speaker, options).fill(open);
  const unannotated = new Array<number>(classes).fill(0);
  for (let sample = 0; sample < count; sample++) {
    const labels = options.labels(sample);
    for (let c = 0; c < classes; c++) {
      soft[sample * classes + c] = labels[c] === -1 ? open : annotated;
      if (labels[c] === -1) unannotated[c]!++;
    }
  }
  return {
    loss: (logits, labels, { samples }) =>
      tf.tidy(() =>
        entropyMaximizationLoss(logits, labels, {
          alpha,
          beta,
          softNegatives: rowsOf(soft, requireSamples(speaker, samples, options), classes),
          reduction,
          ...(validate !== undefined && { validate }),
        }),
      ),
    observe({ logits, samples }) {
      const places = requireSamples(speaker, samples, options);
      for (let i = 0; i < logits.length; i++)
        latest[places[Math.floor(i / classes)]! * classes + (i % classes)] = 1 / (1 + Math.exp(-logits[i]!));
    },
    endEpoch(epoch) {
      if (epoch + 1 >= warmupEpochs && epochs > warmupEpochs)
        for (let c = 0; c < classes; c++) {
          const places = Array.from({ length: count }, (_, sample) => sample * classes + c).filter(
            (at) => soft[at] === open && latest[at] !== open, // an image that the epoch left out has no prediction
          );
          places.sort((a, b) => latest[a]! - latest[b]! || a - b);
          const wanted = Math.floor((share * unannotated[c]!) / (epochs - warmupEpochs));
          for (const at of places.slice(0, wanted)) soft[at] = latest[at]!;
        }
      latest.fill(open);
    },
    state: () =>
      new Map([
        ["pseudo-labels.soft", { shape: [count, classes], data: soft }],
        ["pseudo-labels.latest", { shape: [count, classes], data: latest }],
      ]),
    load(state) {
      loadTable(speaker, state, "pseudo-labels.soft", soft);
      loadTable(speaker, state, "pseudo-labels.latest", latest);
    },
  };
}
