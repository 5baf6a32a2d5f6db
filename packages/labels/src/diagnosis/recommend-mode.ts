import { annotationBias, type ClassCounts } from "./annotation-bias.js";

/** How the loss should treat un-annotated cells. */
export interface Recommendation {
  mode: "ignore" | "negative" | "selective";
  /** The better of the two plain modes, for a single training. */
  alone: "ignore" | "negative";
  reason: string;
  /**
   * For Selective, where the loss's usual threshold of 0.05 would ignore most classes (few classes, all of them frequent):
   * a threshold that about a quarter of the classes is above.
   */
  priorThreshold?: number;
  /**
   * For Selective, where the loss's usual 5 likely entries an image would be more than a quarter of those un-annotated in it:
   * a quarter of them.
   */
  likelihoodTopk?: number;
}

/** The reference's threshold of the class prior: made for thousands of classes. */
const USUAL_THRESHOLD = 0.05;
/** The reference's number of likely entries that are ignored in an image: for thousands of classes as well. */
const USUAL_TOPK = 5;
/** From this annotated share on, Selective gained 0.3 mAP over Ignore (RPS 0.5): not worth a second training. */
const ENOUGH_ANNOTATED = 0.3;

/**
 * A rule of thumb from the published results of CSL (mAP on COCO with TResNet-M, mAP(C) on OpenImages):
 * FPC(1000), one negative a positive: Ignore 76.5, Negative 81.2, Selective 83.4. OpenImages V6, 1.9 negatives a
 * positive: 85.4, 85.9, 86.7. RPS(0.5), 27 negatives a positive: 84.9, 81.2, 85.2. The order depends on
 * whether annotated positives are as rare as all positives (`annotationBias`): then ignoring the rest is unbiased.
 *
 * @param counts.classes annotated entries of every class
 * @param counts.complete frequencies of these classes in completely labelled images, where there are some
 */
export function recommendMode(counts: {
  classes: readonly ClassCounts[];
  unannotated: number;
  samples: number;
  complete?: readonly number[] | undefined;
}): Recommendation {
  const { classes, unannotated, samples, complete } = counts;
  const positives = classes.reduce((sum, one) => sum + one.positives, 0);
  const negatives = classes.reduce((sum, one) => sum + one.negatives, 0);
  const labelled = classes.filter((one) => one.positives + one.negatives > 0);
  const labelledClasses = labelled.length;
  const withoutNegatives = labelled.filter((one) => one.negatives === 0).length;
  const annotated = positives + negatives;
  const share = annotated / Math.max(1, annotated + unannotated);
  if (annotated === 0) {
    return {
      mode: "ignore",
      alone: "ignore",
      reason: "Nothing is annotated: no mode can learn from it.",
    };
  }
  if (unannotated === 0) {
    return {
      mode: "ignore",
      alone: "ignore",
      reason: "Every cell is annotated: the three modes are the same loss.",
    };
  }
  if (withoutNegatives * 2 > labelledClasses) {
    const who =
      negatives === 0
        ? "No cell is"
        : `In ${count(withoutNegatives)} of ${count(labelledClasses)} classes no cell is`;
    return {
      mode: "negative",
      alone: "negative",
      reason:
        `${who} annotated negative. Ignore would learn to predict every class everywhere, and the class prior that Selective ` +
        "takes from an Ignore model would be 1. Treat the rest as negative, or use Selective without a prior.",
    };
  }
  const { sought, evidence } = annotationBias(classes, complete);
  const values = { ...thresholdFor(labelled), ...topkFor(unannotated / samples) };
  if (sought) {
    return {
      mode: "selective",
      alone: "negative",
      reason:
        `${sentence(evidence)}: positives were searched for, so most of the un-annotated cells are negative and Negative beats ` +
        "Ignore (FPC 1000: 81.2 against 76.5; OpenImages: 85.9 against 85.4), but it trains frequent classes that are " +
        "often left un-annotated as negative. Selective does not (83.4; 86.7).",
      ...values,
    };
  }
  if (share >= ENOUGH_ANNOTATED) {
    return {
      mode: "ignore",
      alone: "ignore",
      reason:
        `${sentence(evidence)}, and ${fixed(share * 100)} % are annotated: they look like a fair sample, so leaving ` +
        "the rest out is unbiased (RPS 0.5: Ignore 84.9, Negative 81.2). Selective may add a little (85.2).",
    };
  }
  return {
    mode: "selective",
    alone: "ignore",
    reason:
      `${sentence(evidence)}: they look like a fair sample, so Ignore beats Negative (RPS 0.5: 84.9 against ` +
      `81.2); but only ${fixed(share * 100)} % are annotated, and Selective also learns from the rest.`,
    ...values,
  };
}

/** The prior of an Ignore model comes to the frequencies among the annotated entries. */
function thresholdFor(labelled: readonly ClassCounts[]): { priorThreshold?: number } {
  const frequencies = labelled.map(({ positives, negatives }) => positives / (positives + negatives));
  const above = frequencies.filter((frequency) => frequency > USUAL_THRESHOLD).length;
  if (above * 2 <= labelled.length) return {};
  const value = frequencies.sort((a, b) => b - a)[Math.floor(labelled.length / 4)]!;
  return { priorThreshold: Math.min(1, Math.ceil(value * 100) / 100) };
}

/** @param perImage un-annotated entries of an image, on average */
function topkFor(perImage: number): { likelihoodTopk?: number } {
  return USUAL_TOPK * 4 <= perImage ? {} : { likelihoodTopk: Math.floor(perImage / 4) };
}

const sentence = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
const count = (n: number): string => n.toLocaleString("en-US");
const fixed = (n: number): string => (n >= 10 ? n.toFixed(0) : n.toPrecision(2));
