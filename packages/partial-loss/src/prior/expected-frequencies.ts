import { CslError } from "@csl/internal/errors/csl-error";

/** Annotated entries by class and the class prior, in one order; the data set that they are of. */
export interface AnnotatedPrior {
  /** P_r: the mean predictions of an Ignore model over all samples. */
  prior: ArrayLike<number>;
  /** Annotated positives and negatives of each class. */
  positives: ArrayLike<number>;
  negatives: ArrayLike<number>;
  /** Samples of the data set. */
  samples: number;
  /** Entries were annotated whatever they show, so that the annotated ones tell how frequent a class is. */
  fair: boolean;
}

/** How frequent each class is expected to be. */
export interface ExpectedFrequencies {
  /** Share of the samples that have the class. */
  frequencies: Float64Array;
  /** Mean frequency over mean prior: 1 where the scale of the prior was right. */
  scale: number;
}

/**
 * The share of samples that have each class, of a prior whose scale may be off: an Ignore model predicts what it was trained
 * on, the share of positives among the annotated entries, and where positives were searched for that is far more than
 * the share of samples (the reference's prior for COCO comes to 7.9 classes an image, the truth is 2.9).
 *
 * - Fair annotations: the prior times a factor by which it comes to the annotated positives, Σ n⁺ = s · Σ (n⁺ + n⁻) P_r.
 * - Else, with f the share of positives among the annotated entries of a class: a calibrated model's mean over positives is
 *   f + (1 − f) d and over negatives f − f d, d being its discrimination (Tjur's R²), so that P_r = f − (f − π) d and
 *   π = f − (f − P_r) / d, the adjusted count of a classifier (Forman 2008; Bella et al. 2010). d is the smallest, common to all
 *   classes, by which no class has fewer samples than annotated positives. A model that tells little apart (small d) tells
 *   little of the frequencies: they are drawn by 1 − d towards the least that is possible, n⁺ / N.
 *
 * Either way at least the annotated positives are there, and at most what is not annotated negative.
 *
 * @throws CslError `mismatch` when the lists differ in length; `invalid-argument` for no sample.
 */
export function expectedFrequencies(given: AnnotatedPrior): ExpectedFrequencies {
  const { prior, positives, negatives, samples, fair } = given;
  const classes = prior.length;
  if (positives.length !== classes || negatives.length !== classes)
    throw new CslError(
      "mismatch",
      `expectedFrequencies: expected counts for ${classes} classes, those of the prior, got ${positives.length} and ${negatives.length}.`,
    );
  if (!(samples > 0))
    throw new CslError(
      "invalid-argument",
      `expectedFrequencies: expected at least one sample, got ${samples}.`,
    );
  const of = fair ? fairFrequency(given) : soughtFrequency(given);
  const frequencies = Float64Array.from({ length: classes }, (_, c) =>
    Math.min(1 - negatives[c]! / samples, Math.max(positives[c]! / samples, of(c))),
  );
  const total = (list: ArrayLike<number>): number => Array.from(list).reduce((sum, value) => sum + value, 0);
  return { frequencies, scale: total(frequencies) / Math.max(total(prior), Number.MIN_VALUE) };
}

function fairFrequency({ prior, positives, negatives }: AnnotatedPrior): (c: number) => number {
  let found = 0;
  let expected = 0;
  for (let c = 0; c < prior.length; c++) {
    found += positives[c]!;
    expected += (positives[c]! + negatives[c]!) * prior[c]!;
  }
  const factor = expected > 0 ? found / expected : 1;
  return (c) => factor * prior[c]!;
}

function soughtFrequency({ prior, positives, negatives, samples }: AnnotatedPrior): (c: number) => number {
  const share = (c: number): number => positives[c]! / Math.max(1, positives[c]! + negatives[c]!);
  let discrimination = 0;
  for (let c = 0; c < prior.length; c++) {
    const most = share(c) - positives[c]! / samples; // f - π at the least π
    if (most > 0) discrimination = Math.max(discrimination, (share(c) - prior[c]!) / most);
  }
  // d · (f − (f − P) / d) + (1 − d) · n⁺ / N
  return (c) => prior[c]! - (1 - discrimination) * (share(c) - positives[c]! / samples);
}
