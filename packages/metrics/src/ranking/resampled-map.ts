import { Label } from "@csl/internal/labels/label";
import { type LabelMatrix, orderedKey } from "../scores/label-matrix.js";
import { type ClassSelection, isLeftOut, skipReason } from "./class-metrics.js";

/** mAP(C) and mAP(O) of every draw; NaN where no class of the draw has both labels. */
export type ResampledMap = { mapC: Float64Array; mapO: Float64Array };

/** Which classes may count: decided once on all samples, as evaluate() decides. */
export type CountedClasses = Pick<ClassSelection, "counts" | "minPositives">;

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
    if (isLeftOut(skipReason(column, support, options), {})) continue;
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

export function columnSupport(
  { labels, numClasses }: LabelMatrix,
  column: number,
): { positives: number; negatives: number } {
  let positives = 0;
  let negatives = 0;
  for (let i = column; i < labels.length; i += numClasses) {
    if (labels[i] === Label.Positive) positives++;
    else if (labels[i] === Label.Negative) negatives++;
  }
  return { positives, negatives };
}

/**
 * One class's annotated samples from the best score down, cut into steps: step i holds the samples of one positive's
 * score, positives apart, and the negatives between it and the step before.
 */
export type RankedRows = {
  numSteps: number;
  /** Step i has positives[positivesEnd[i - 1] .. positivesEnd[i]), likewise negatives. */
  positives: Uint32Array;
  positivesEnd: Uint32Array;
  /** Negatives below the last positive belong to no step and come last. */
  negatives: Uint32Array;
  negativesEnd: Uint32Array;
};

/** Sorts one column; equal scores form one step, as evaluate's grouped ties do. */
export function rankedRows({ bits, labels, numClasses, rows }: LabelMatrix, column: number): RankedRows {
  // Falling key and row in one exact number (31 + 20 bits): sorting plain numbers takes the rows along.
  const positives = new Float64Array(rows);
  const negatives = new Float64Array(rows);
  let numPositives = 0;
  let numNegatives = 0;
  for (let row = 0, i = column; row < rows; row++, i += numClasses) {
    const label = labels[i]!;
    if (label === Label.Unannotated) continue;
    const packed = -orderedKey(bits[i]!) * rows + row;
    if (label === Label.Positive) positives[numPositives++] = packed;
    else negatives[numNegatives++] = packed;
  }
  return cutIntoSteps(
    positives.subarray(0, numPositives).sort(),
    negatives.subarray(0, numNegatives).sort(),
    rows,
  );
}

/** Falling key of a packed number: rows are smaller than `rows`, so rounding down removes them. */
function cutIntoSteps(positives: Float64Array, negatives: Float64Array, rows: number): RankedRows {
  const fallingKey = (packed: number): number => Math.floor(packed / rows);
  const toRow = (packed: number): number => packed - fallingKey(packed) * rows;
  const positivesEnd = new Uint32Array(positives.length);
  const negativesEnd = new Uint32Array(positives.length);
  let numSteps = 0;
  let n = 0;
  for (let p = 0; p < positives.length; ) {
    const key = fallingKey(positives[p]!);
    while (p < positives.length && fallingKey(positives[p]!) === key) p++;
    while (n < negatives.length && fallingKey(negatives[n]!) <= key) n++;
    positivesEnd[numSteps] = p;
    negativesEnd[numSteps++] = n;
  }
  return {
    numSteps,
    positives: Uint32Array.from(positives, toRow),
    positivesEnd,
    negatives: Uint32Array.from(negatives, toRow),
    negativesEnd,
  };
}

/** AP of one class in one draw, and the positives it rests on; null where the draw lacks positives or negatives. */
type ResampledPrecision = { ap: number; positives: number } | null;

/**
 * AP with every sample counted as often as it was drawn. Sorting was done once for all draws; a draw is a walk down the
 * ranking.
 *
 * @param drawn [samples] how often each was drawn
 */
export function resampledPrecision(ranked: RankedRows, drawn: Uint8Array): ResampledPrecision {
  const { numSteps, positives, positivesEnd, negatives, negativesEnd } = ranked;
  let found = 0;
  let wrong = 0;
  let area = 0;
  let p = 0;
  let n = 0;
  for (let step = 0; step < numSteps; step++) {
    const lastNegative = negativesEnd[step]!;
    while (n < lastNegative) wrong += drawn[negatives[n++]!]!;
    const lastPositive = positivesEnd[step]!;
    const before = found;
    while (p < lastPositive) found += drawn[positives[p++]!]!;
    if (found > before) area += (found - before) * (found / (found + wrong));
  }
  if (found === 0) return null;
  while (wrong === 0 && n < negatives.length) wrong += drawn[negatives[n++]!]!;
  return wrong === 0 ? null : { ap: area / found, positives: found };
}
