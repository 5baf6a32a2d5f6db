import { fBeta, recallAtPrecision, type ThresholdCriterion } from "@csl/metrics";

/** `f1`, `f2`, `f0.5` (any beta) or `precision=0.9`, as `--criterion` takes them. */
export function criterionOf(text: string): ThresholdCriterion {
  const beta = /^f(\d+(?:\.\d+)?)$/.exec(text)?.[1];
  const precision = /^precision=(\d*\.?\d+)$/.exec(text)?.[1];
  if (Number(beta) >= 1e-3 && Number(beta) <= 1e3) return fBeta(Number(beta));
  if (precision !== undefined && Number(precision) > 0 && Number(precision) <= 1)
    return recallAtPrecision(Number(precision));
  throw new Error(
    `csl evaluate: expected --criterion to be f1, f2, f0.5 or the like, or precision=0.9, got "${text}".`,
  );
}

/** A criterion in a person's words. */
export function criterionName(criterion: ThresholdCriterion): string {
  return criterion.name === "f-beta"
    ? `F${criterion.beta}`
    : `recall at a precision of ${criterion.precision}`;
}
