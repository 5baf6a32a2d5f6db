/** How the loss should treat un-annotated cells. */
export interface Recommendation {
  mode: "ignore" | "negative" | "selective";
  /** The better of the two plain modes, for a single training. */
  alone: "ignore" | "negative";
  reason: string;
}

/** From this many annotated negatives per positive on, positives are about as rare as in reality. */
const NATURAL_RATIO = 5;
/** From this annotated share on, Selective gained 0.3 mAP over Ignore (RPS 0.5): not worth a second training. */
const ENOUGH_ANNOTATED = 0.3;

/**
 * A rule of thumb from the published results of CSL (mAP on COCO with TResNet-M, mAP(C) on OpenImages):
 * FPC(1000), one negative a positive: Ignore 76.5, Negative 81.2, Selective 83.4. OpenImages V6, 1.9 negatives a
 * positive: 85.4, 85.9, 86.7. RPS(0.5), 27 negatives a positive: 84.9, 81.2, 85.2. The order depends on
 * whether annotated positives are as rare as all positives: then ignoring the rest is unbiased.
 */
export function recommendMode(counts: {
  positives: number;
  negatives: number;
  unannotated: number;
  /** Classes with a label, and those of them without an annotated negative. */
  labelledClasses: number;
  withoutNegatives: number;
}): Recommendation {
  const { positives, negatives, unannotated, labelledClasses, withoutNegatives } = counts;
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
  const ratio = `${fixed(negatives / Math.max(1, positives))} annotated negatives for a positive`;
  if (negatives < NATURAL_RATIO * positives) {
    return {
      mode: "selective",
      alone: "negative",
      reason:
        `${ratio}: positives were searched for, so most of the un-annotated cells are negative and Negative beats ` +
        "Ignore (FPC 1000: 81.2 against 76.5; OpenImages: 85.9 against 85.4), but it trains frequent classes that are " +
        "often left un-annotated as negative. Selective does not (83.4; 86.7).",
    };
  }
  if (share >= ENOUGH_ANNOTATED) {
    return {
      mode: "ignore",
      alone: "ignore",
      reason:
        `${ratio} and ${fixed(share * 100)} % annotated: the annotated cells look like a fair sample, so leaving ` +
        "the rest out is unbiased (RPS 0.5: Ignore 84.9, Negative 81.2). Selective may add a little (85.2).",
    };
  }
  return {
    mode: "selective",
    alone: "ignore",
    reason:
      `${ratio}: the annotated cells look like a fair sample, so Ignore beats Negative (RPS 0.5: 84.9 against ` +
      `81.2); but only ${fixed(share * 100)} % are annotated, and Selective also learns from the rest.`,
  };
}

const count = (n: number): string => n.toLocaleString("en-US");
const fixed = (n: number): string => (n >= 10 ? n.toFixed(0) : n.toPrecision(2));
