import type { CslPartialLossAttrs } from "@csl/internal/kernels/named-kernels";
import { Label } from "@csl/internal/labels/label";
import { checkChoice } from "../check-arguments.js";
import type { LabelledValues } from "../policies/unannotated-policy.js";

/**
 * `sum` over batch and classes (ASL, CSL); `mean` over batch · classes; `annotated-mean`: the sum divided by the number
 * of annotated entries of the batch (by 1 when there is none).
 */
export type Reduction = CslPartialLossAttrs["reduction"];

/** What the sum of a reduction is divided by, given the counts of the batch. */
export const reductionDivisors: Record<Reduction, (batch: LabelledValues) => number> = {
  sum: () => 1,
  mean: ({ rows, classes }) => rows * classes,
  "annotated-mean": ({ labels }) => {
    let annotated = 0;
    for (let i = 0; i < labels.length; i++) if (labels[i] !== Label.Unannotated) annotated++;
    return Math.max(1, annotated);
  },
};

export function checkReduction(speaker: string, reduction: Reduction): void {
  checkChoice(speaker, "reduction", reduction, Object.keys(reductionDivisors));
}
