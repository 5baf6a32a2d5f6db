import { singleClassKeys } from "./average-precision.js";
import { interpolations } from "./interpolation.js";
import type { NumberArray } from "./number-array.js";
import { createWorkspace, precisionPoints } from "./precision-points.js";
import { recallCurve, type TieOrder } from "./recall-curve.js";

/** What AP could be under any order of equal scores. */
export type AveragePrecisionInterval = {
  /** Every tied negative ranked before the positives of its score. */
  worst: number;
  /**
   * The tie-grouped value (averagePrecision's default). It lies in between, except that it may exceed `best` when
   * positives share a score among themselves: all of them get the precision of the last.
   */
  grouped: number;
  /** Every tied negative ranked behind them. */
  best: number;
  /** Share of the positives whose score a negative has as well: 0 means that the three numbers agree. */
  tiedShare: number;
};

/**
 * The range in which AP lies when an implementation breaks ties its own way. A wide one says that the scores were
 * saturated or rounded (a sigmoid in half precision): rank on float32 logits instead.
 *
 * @param scores [n]  @param labels [n] 1, 0 or -1
 * @throws RangeError as averagePrecision does, and when no entry is positive.
 */
export function averagePrecisionInterval(scores: NumberArray, labels: NumberArray): AveragePrecisionInterval {
  const keys = singleClassKeys("averagePrecisionInterval", scores, labels);
  if (keys.numPositives === 0) {
    throw new RangeError(
      "averagePrecisionInterval: expected at least one positive label, got none. AP is not defined for this class.",
    );
  }
  const points = precisionPoints(keys, createWorkspace());
  const area = (order: TieOrder): number =>
    interpolations.none(recallCurve(points, order)) / keys.numPositives;
  let tied = 0;
  for (let i = 0; i < points.length; i++) if (points.negativesTied[i]! > 0) tied += points.positives[i]!;
  return {
    worst: area("worst"),
    grouped: area("grouped"),
    best: area("best"),
    tiedShare: tied / keys.numPositives,
  };
}
