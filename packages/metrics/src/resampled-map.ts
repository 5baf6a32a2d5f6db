import type { EvaluateOptions } from "./evaluate.js";
import type { LabelMatrix } from "./label-matrix.js";
import { LabelState } from "./label-state.js";
import { isLeftOut, reasonOf } from "./left-out.js";
import { rankedRows } from "./ranked-rows.js";
import { resampledPrecision } from "./resampled-precision.js";

/** mAP(C) and mAP(O) of every draw; NaN where no class of the draw has both labels. */
export type ResampledMap = { mapC: Float64Array; mapO: Float64Array };

/** Which classes may count: decided once on all samples, as evaluate() decides. */
export type CountedClasses = Pick<EvaluateOptions, "counts" | "minPositives">;

/**
 * The mAP of a matrix under every draw. Class after class: each is sorted once and walked once per draw.
 *
 * @param draws [samples] each: how often each sample was drawn
 */
export function resampledMap(
  matrix: LabelMatrix,
  draws: readonly Uint8Array[],
  options: CountedClasses,
): ResampledMap {
  const sum = new Float64Array(draws.length);
  const classes = new Float64Array(draws.length);
  const weighted = new Float64Array(draws.length);
  const positives = new Float64Array(draws.length);
  for (let column = 0; column < matrix.numClasses; column++) {
    const support = columnSupport(matrix, column);
    if (isLeftOut(reasonOf(column, support.positives, support.negatives, options), {})) continue;
    const ranked = rankedRows(matrix, column);
    for (let draw = 0; draw < draws.length; draw++) {
      const own = resampledPrecision(ranked, draws[draw]!);
      if (own === null) continue;
      sum[draw]! += own.ap;
      classes[draw]!++;
      weighted[draw]! += own.ap * own.positives;
      positives[draw]! += own.positives;
    }
  }
  return {
    mapC: sum.map((value, draw) => value / classes[draw]!),
    mapO: weighted.map((value, draw) => value / positives[draw]!),
  };
}

function columnSupport(
  { labels, numClasses }: LabelMatrix,
  column: number,
): { positives: number; negatives: number } {
  let positives = 0;
  let negatives = 0;
  for (let i = column; i < labels.length; i += numClasses) {
    if (labels[i] === LabelState.Positive) positives++;
    else if (labels[i] === LabelState.Negative) negatives++;
  }
  return { positives, negatives };
}
