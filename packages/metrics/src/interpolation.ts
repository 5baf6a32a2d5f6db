import type { RecallCurve } from "./recall-curve.js";

/** How the area under a precision-recall curve is taken. */
export type Interpolation = "none" | "voc07" | "voc10" | "coco101";

/**
 * The areas in use, as a table. Each gets a curve with at least one positive and returns the area times the number of
 * positives, so that the reference's denominator can be applied to any of them.
 *
 * - `none`: step integral, sum of precision x recall step (scikit-learn, torchmetrics; the reference's rank AP).
 * - `voc07`: mean of the best precision at recall >= 0, 0.1 … 1 (PASCAL VOC 2007).
 * - `voc10`: step integral under the monotone envelope (PASCAL VOC 2010 and later).
 * - `coco101`: mean of the envelope at recall 0, 0.01 … 1 (COCO, LVIS).
 */
export const interpolations: Record<Interpolation, (curve: RecallCurve) => number> = {
  none: (curve) => stepIntegral(curve, precisions(curve)),
  voc07: (curve) => meanAtRecalls(curve, 10),
  voc10: (curve) => stepIntegral(curve, envelope(curve)),
  coco101: (curve) => meanAtRecalls(curve, 100),
};

function precisions({ length, truePositives, falsePositives }: RecallCurve): Float64Array {
  const out = new Float64Array(length);
  for (let i = 0; i < length; i++) out[i] = truePositives[i]! / (truePositives[i]! + falsePositives[i]!);
  return out;
}

/** The best precision at this recall or any larger one. */
function envelope(curve: RecallCurve): Float64Array {
  const out = precisions(curve);
  for (let i = out.length - 2; i >= 0; i--) out[i] = Math.max(out[i]!, out[i + 1]!);
  return out;
}

function stepIntegral({ truePositives }: RecallCurve, precision: Float64Array): number {
  let sum = 0;
  let before = 0;
  for (let i = 0; i < precision.length; i++) {
    sum += (truePositives[i]! - before) * precision[i]!;
    before = truePositives[i]!;
  }
  return sum;
}

/** Recalls are compared as integers (tp * steps >= k * positives): a recall of exactly 0.1 counts as reached. */
function meanAtRecalls(curve: RecallCurve, steps: number): number {
  const { truePositives, numPositives } = curve;
  const precision = envelope(curve);
  let sum = 0;
  for (let k = 0, i = 0; k <= steps; k++) {
    while (truePositives[i]! * steps < k * numPositives) i++;
    sum += precision[i]!;
  }
  return (sum / (steps + 1)) * numPositives;
}
