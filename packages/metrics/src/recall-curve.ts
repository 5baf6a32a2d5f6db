import type { PrecisionPoints } from "./precision-points.js";

/** Cumulative counts from the best score down; recall = truePositives / numPositives. */
export type RecallCurve = {
  length: number;
  truePositives: Int32Array;
  falsePositives: Int32Array;
  numPositives: number;
};

/**
 * How equal scores are put in order. `grouped`: one point for the whole group (no order is invented). `worst` and
 * `best`: every positive has its own rank, behind or before the negatives of its group.
 */
export type TieOrder = "grouped" | "worst" | "best";

/** The curve of one class under a tie order, one point per step. */
export function recallCurve(points: PrecisionPoints, order: TieOrder): RecallCurve {
  const { numPositives } = points;
  const truePositives = new Int32Array(numPositives);
  const falsePositives = new Int32Array(numPositives);
  let length = 0;
  let found = 0;
  for (let i = points.length - 1; i >= 0; i--) {
    const inGroup = points.positives[i]!;
    const before = points.negativesAbove[i]! + (order === "best" ? 0 : points.negativesTied[i]!);
    for (let step = order === "grouped" ? inGroup : 1; step <= inGroup; step++) {
      truePositives[length] = found + step;
      falsePositives[length++] = before;
    }
    found += inGroup;
  }
  return { length, truePositives, falsePositives, numPositives };
}
