import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { Label } from "@csl/internal/labels/label";
import * as tf from "@tensorflow/tfjs-core";
import { checkChoice } from "../check-arguments.js";
import type { UnannotatedPolicy } from "./unannotated-policy.js";

export interface NormalizedOptions {
  /** `proportion` (default): Durand et al.'s g(r). `reference`: what the CSL code computes instead. */
  scheme?: "proportion" | "reference";
  /** g(r) = slope · r^exponent + offset; the paper's alpha, gamma and beta. Used by `proportion` only. */
  slope?: number;
  exponent?: number;
  offset?: number;
}

/**
 * Ignore mode whose samples weigh more the fewer classes they have annotated.
 *
 * - `proportion` (default), Durand et al. (arXiv 1902.09720): g(r) = slope·r^exponent + offset, r the share of
 *   annotated classes in the sample; with `reduction: "mean"` it is their (g/C)·Σ_known BCE averaged over samples.
 * - `reference`, the CSL code: 1/(1 + number of annotated classes) + 1, always within (1, 2].
 */
export function normalized(options: NormalizedOptions = {}): UnannotatedPolicy {
  checkOptions("normalized", options, { scheme: true, slope: true, exponent: true, offset: true });
  const { scheme = "proportion", slope = -4.45, exponent = 1, offset = 5.45 } = options;
  checkChoice("normalized", "scheme", scheme, ["proportion", "reference"]);
  for (const [name, value] of Object.entries({ slope, exponent, offset }))
    if (!Number.isFinite(value))
      throw new CslError(
        "invalid-argument",
        `normalized: expected a finite ${name}, got ${value}. Leave it out for the paper's value.`,
      );
  const proportional = scheme === "proportion";
  return {
    name: "normalized",
    settings: { scheme, slope, exponent, offset },
    weighValues: ({ labels, rows, classes }, weights) => {
      for (let row = 0; row < rows; row++) {
        const start = row * classes;
        let known = 0;
        for (let i = start; i < start + classes; i++) if (labels[i] !== Label.Unannotated) known++;
        const weight = proportional ? slope * (known / classes) ** exponent + offset : 1 / (1 + known) + 1;
        for (let i = start; i < start + classes; i++)
          weights[i] = labels[i] === Label.Unannotated ? 0 : weight;
      }
    },
    weighTensors: ({ labels }) => {
      const annotated = tf.sub(1, tf.relu(tf.neg(labels))); // [batch, classes] of 0 and 1
      const known = tf.sum(annotated, 1, true); // [batch, 1]
      const weight = proportional
        ? tf.add(tf.mul(slope, tf.pow(tf.div(known, labels.shape[1]), tf.scalar(exponent))), offset)
        : tf.add(tf.div(1, tf.add(known, 1)), 1);
      return tf.mul(annotated, weight);
    },
  };
}
