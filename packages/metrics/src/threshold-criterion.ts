/** What a threshold is chosen for. `name` and its number say in a file what was maximised. */
export type ThresholdCriterion =
  | { name: "f-beta"; beta: number }
  | { name: "recall-at-precision"; precision: number };

/** Larger is better. */
export type CriterionValue = (truePositives: number, falsePositives: number, positives: number) => number;

/** F-beta: beta > 1 prefers recall, beta < 1 precision; 1 (default) is F1. */
export function fBeta(beta = 1): ThresholdCriterion {
  if (!(beta >= 1e-3 && beta <= 1e3)) {
    // Beyond, all but precision or recall is rounded away.
    throw new RangeError(`fBeta: expected a number from 0.001 to 1000, got ${beta}. Use 1 for F1.`);
  }
  return { name: "f-beta", beta };
}

/**
 * As much recall as a precision of at least `precision` leaves. Where no threshold reaches it, the most precise one is
 * taken; the chosen class's precision then says so.
 */
export function recallAtPrecision(precision: number): ThresholdCriterion {
  if (!(precision > 0 && precision <= 1)) {
    throw new RangeError(`recallAtPrecision: expected a precision in (0, 1], got ${precision}.`);
  }
  return { name: "recall-at-precision", precision };
}

/** The function behind a criterion, for counts with at least one true positive. */
export function criterionValue(criterion: ThresholdCriterion): CriterionValue {
  switch (criterion.name) {
    case "f-beta": {
      // (1 + b²) TP / ((1 + b²) TP + b² FN + FP), with FN = positives - TP.
      const squared = criterion.beta ** 2;
      return (tp, fp, positives) => ((1 + squared) * tp) / (tp + fp + squared * positives);
    }
    case "recall-at-precision": {
      const { precision } = criterion;
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
      throw new RangeError(
        `chooseThresholds: expected a criterion made by fBeta() or recallAtPrecision(), got ${JSON.stringify(criterion)}.`,
      );
  }
}
