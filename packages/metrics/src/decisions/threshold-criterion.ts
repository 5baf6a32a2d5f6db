import { CslError } from "@csl/internal/errors/csl-error";

/** What a threshold is chosen for. `name` and its number say in a file what was maximised. */
export type ThresholdCriterion =
  | { name: "f-beta"; beta: number }
  | { name: "recall-at-precision"; precision: number };

/** Larger is better. */
export type CriterionValue = (truePositives: number, falsePositives: number, positives: number) => number;

/**
 * F-beta: beta > 1 prefers recall, beta < 1 precision; 1 (default) is F1.
 *
 * @throws CslError `invalid-argument` unless 0.001 <= beta <= 1000: beyond, all but precision or recall is rounded away.
 */
export function fBeta(beta = 1): ThresholdCriterion {
  return { name: "f-beta", beta: checkedBeta("fBeta", beta) };
}

/**
 * As much recall as a precision of at least `precision` leaves. Where no threshold reaches it, the most precise one is
 * taken; the chosen class's precision then says so.
 *
 * @throws CslError `invalid-argument` unless 0 < precision <= 1.
 */
export function recallAtPrecision(precision: number): ThresholdCriterion {
  return { name: "recall-at-precision", precision: checkedPrecision("recallAtPrecision", precision) };
}

function checkedBeta(speaker: string, beta: number): number {
  if (beta >= 1e-3 && beta <= 1e3) return beta;
  throw new CslError(
    "invalid-argument",
    `${speaker}: expected a beta from 0.001 to 1000, got ${beta}. Use 1 for F1.`,
  );
}

function checkedPrecision(speaker: string, precision: number): number {
  if (precision > 0 && precision <= 1) return precision;
  throw new CslError("invalid-argument", `${speaker}: expected a precision in (0, 1], got ${precision}.`);
}

/** The function behind a criterion, for counts with at least one true positive. */
export function criterionValue(criterion: ThresholdCriterion): CriterionValue {
  switch (criterion.name) {
    case "f-beta": {
      // (1 + b²) TP / ((1 + b²) TP + b² FN + FP), with FN = positives - TP.
      const squared = checkedBeta("chooseThresholds", criterion.beta) ** 2;
      return (tp, fp, positives) => ((1 + squared) * tp) / (tp + fp + squared * positives);
    }
    case "recall-at-precision": {
      const precision = checkedPrecision("chooseThresholds", criterion.precision);
      // Every threshold that is precise enough, by its recall, lies above every one that is not, by its precision (and
      // by recall among equally precise ones).
      return (tp, fp, positives) => {
        const reached = tp / (tp + fp);
        const recall = tp / positives;
        return reached >= precision ? 2 + recall : reached + 1e-9 * recall;
      };
    }
    default:
      criterion satisfies never;
      throw new CslError(
        "invalid-argument",
        `chooseThresholds: expected a criterion made by fBeta() or recallAtPrecision(), got ${JSON.stringify(criterion)}.`,
      );
  }
}
