import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { Label } from "@csl/internal/labels/label";
import * as tf from "@tensorflow/tfjs-core";
import { checkChoice } from "../check-arguments.js";
import { type Prior, priorVector } from "../prior/prior.js";
import { LargestEntries } from "./largest-entries.js";
import type { LabelledTensors, LabelledValues, UnannotatedPolicy } from "./unannotated-policy.js";

export interface SelectiveOptions {
  /** Label likelihood: how many un-annotated entries per sample are ignored. Default 5; 0 switches it off. */
  topK?: number;
  /**
   * Where the likeliest un-annotated entries are picked. Default `batch`, the reference: topK · batch of the whole batch.
   * `sample`, the paper's figure 4: topK of each sample.
   */
  topKScope?: "batch" | "sample";
  /** Label prior P_r: a {@link Prior}, or one number per class in the order of the columns. */
  prior?: Prior | ArrayLike<number>;
  /** Class ids in the order of the columns: the prior is then matched by id, not by position. */
  classIds?: readonly string[];
  /** eta: classes with P_r > priorThreshold (strict, compared in float32) are ignored where un-annotated. Default 0.5. */
  priorThreshold?: number;
  /** Do not spend top-k picks on entries that the prior ignores already (the reference spends them). Default false. */
  spareIgnored?: boolean;
}

/** Below every admissible logit: keeps an entry out of a top-k. Finite, as some backends lose infinities. */
const excluded = -3e38;

/**
 * "Selective" mode, the class-aware selection of CSL: un-annotated entries that are likely positive, by the prior of
 * their class or by their rank among the un-annotated, are ignored (weight 0); the others count as negatives.
 *
 * Ranked by the logit, which orders as p does, ties going to the smaller flat index (row · classes + column). A clip
 * only adds ties among entries whose loss is 0 either way.
 *
 * @throws CslError when an option or the prior is out of range; the prior's length is checked against the batch by the loss.
 * Source: arXiv 2110.10955 eq. for Omega_L, Omega_P; the reference's PartialSelectiveLoss for `batch`.
 */
export function selective(options: SelectiveOptions = {}): UnannotatedPolicy {
  checkOptions("selective", options, {
    topK: true,
    topKScope: true,
    prior: true,
    classIds: true,
    priorThreshold: true,
    spareIgnored: true,
  });
  const {
    topK = 5,
    topKScope = "batch",
    priorThreshold = 0.5,
    spareIgnored = false,
    prior,
    classIds,
  } = options;
  if (!Number.isInteger(topK) || topK < 0)
    throw new CslError(
      "invalid-argument",
      `selective: expected topK to be a whole number >= 0, got ${topK}. 0 switches it off.`,
    );
  checkChoice("selective", "topKScope", topKScope, ["batch", "sample"]);
  if (!Number.isFinite(priorThreshold))
    throw new CslError(
      "invalid-argument",
      `selective: expected a finite priorThreshold, got ${priorThreshold}. Leave it out for the default.`,
    );
  const values = prior === undefined ? undefined : priorValues(prior, classIds);
  const threshold = Math.fround(priorThreshold);
  const perSample = topKScope === "sample";

  const weighValues = ({ logits, labels, rows, classes }: LabelledValues, weights: Float32Array): void => {
    weights.fill(1);
    if (values)
      for (let c = 0; c < classes; c++)
        if (values[c]! > threshold)
          for (let i = c; i < weights.length; i += classes)
            if (labels[i] === Label.Unannotated) weights[i] = 0;
    if (topK === 0) return;
    const pool = perSample ? classes : rows * classes;
    const largest = new LargestEntries(Math.min(perSample ? topK : topK * rows, pool));
    for (let start = 0; start < weights.length; start += pool) {
      largest.clear();
      for (let i = start; i < start + pool; i++)
        if (labels[i] === Label.Unannotated && !(spareIgnored && weights[i] === 0))
          largest.offer(logits[i]!, i);
      for (const i of largest.indices) weights[i] = 0;
    }
  };

  const weighTensors = ({ logits, labels, prior: column }: LabelledTensors): tf.Tensor2D => {
    const [rows, classes] = labels.shape;
    const unannotated = tf.relu(tf.neg(labels)); // 1 where the label is -1
    const byPrior = column && tf.mul(unannotated, tf.step(tf.sub(column, threshold))); // [batch, classes]
    let ignored = byPrior ?? tf.zerosLike(unannotated);
    if (topK > 0) {
      const candidates = byPrior && spareIgnored ? tf.sub(unannotated, byPrior) : unannotated;
      const keys = tf.where(tf.cast(candidates, "bool"), logits, tf.fill(labels.shape, excluded));
      const pools = tf.reshape(keys, perSample ? [rows, classes] : [1, rows * classes]);
      const k = Math.min(perSample ? topK : topK * rows, pools.shape[1]!);
      const { indices } = tf.topk(pools, k, false); // [pools, k], ties to the smaller index
      const starts = tf.mul(tf.range(0, pools.shape[0]!, 1, "int32"), tf.scalar(pools.shape[1]!, "int32"));
      const flat = tf.reshape(tf.add(indices, tf.expandDims(starts, 1)), [-1, 1]);
      const picked = tf.scatterND(flat, tf.ones([flat.shape[0]!]), [rows * classes]);
      // A pool smaller than k has picks beyond it: the mask takes them out again.
      const byLikelihood = tf.mul(candidates, tf.reshape(picked, labels.shape));
      ignored = tf.maximum(ignored, byLikelihood);
    }
    return tf.sub(1, ignored) as tf.Tensor2D;
  };

  return {
    name: "selective",
    settings: { topK, topKScope, priorThreshold, spareIgnored },
    ...(values && { prior: values }),
    weighValues,
    weighTensors,
  };
}

function priorValues(
  prior: Prior | ArrayLike<number>,
  classIds: readonly string[] | undefined,
): Float32Array {
  const keyed = "ids" in prior;
  if (classIds && !keyed)
    throw new CslError(
      "invalid-argument",
      "selective: expected a prior with ids to match classIds, got bare numbers. Read the file with parsePrior.",
    );
  const values = keyed
    ? classIds
      ? priorVector(prior, classIds)
      : Float32Array.from(prior.values)
    : Float32Array.from(prior);
  const bad = values.findIndex((value) => !(value >= 0 && value <= 1));
  if (bad >= 0)
    throw new CslError(
      "invalid-argument",
      `selective: expected prior values in [0, 1], got ${values[bad]} for class ${bad}. Read the file with parsePrior.`,
    );
  return values;
}
