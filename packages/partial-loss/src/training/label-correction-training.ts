import { checkOptions } from "@csl/internal/errors/check-options";
import * as tf from "@tensorflow/tfjs-core";
import { checkNumbers } from "../check-arguments.js";
import type { Reduction } from "../kernel/reduction.js";
import { largeLoss } from "../losses/large-loss.js";
import { loadTable, requireSamples, rowsOf, sampleTable, type TrainingSet } from "./sample-table.js";
import type { LossWithMemory } from "./training-loss.js";

export interface LabelCorrectionTrainingOptions extends TrainingSet {
  /** Share of a batch's entries that are corrected at each step after the first epoch. */
  rate: number;
  /** Default `"sum"`. */
  reduction?: Reduction;
  /** See `LossOptions.validate`. */
  validate?: boolean;
}

/**
 * LL-Cp: as `largeLoss` with mode `correct`, but at the same rate in every epoch from the second on, and for good: an
 * entry that was corrected is a positive from then on. Source: Kim et al. (arXiv 2206.03740).
 *
 * @throws CslError `invalid-argument` for batches without `samples`.
 */
export function labelCorrectionTraining(options: LabelCorrectionTrainingOptions): LossWithMemory {
  const speaker = "labelCorrectionTraining";
  checkOptions(speaker, options, {
    samples: true,
    classes: true,
    labels: true,
    rate: true,
    reduction: true,
    validate: true,
  });
  const { samples: count, classes, rate, reduction = "sum", validate } = options;
  checkNumbers(speaker, { rate }, { most: 1 });
  const corrected = sampleTable(speaker, options);
  return {
    loss: (logits, labels, { samples, epoch }) =>
      tf.tidy(() => {
        const known = rowsOf(corrected, requireSamples(speaker, samples, options), classes);
        const positive = tf.sub(tf.mul(known, 2), 1); // 1 where corrected, else -1, which changes no label
        return largeLoss(logits, tf.maximum(tf.cast(labels, "float32"), positive), {
          rate: epoch === 0 ? 0 : rate,
          mode: "correct",
          reduction,
          ...(validate !== undefined && { validate }),
        });
      }),
    observe({ logits, labels, samples, epoch }) {
      const places = requireSamples(speaker, samples, options);
      const k = epoch === 0 ? 0 : Math.ceil(logits.length * rate);
      if (k === 0) return;
      const entries = Array.from({ length: logits.length }, (_, i) => ({
        at: places[Math.floor(i / classes)]! * classes + (i % classes),
        logit: logits[i]!,
        label: labels[i]!,
      })).filter(({ at, label }) => label === -1 && corrected[at] === 0);
      entries.sort((a, b) => b.logit - a.logit);
      const least = entries[Math.min(k, entries.length) - 1]?.logit ?? Number.POSITIVE_INFINITY;
      for (const { at, logit } of entries) if (logit >= least) corrected[at] = 1; // ties with the k-th, too
    },
    state: () => new Map([["label-correction.corrected", { shape: [count, classes], data: corrected }]]),
    load: (state) => loadTable(speaker, state, "label-correction.corrected", corrected),
  };
}
