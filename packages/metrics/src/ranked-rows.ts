import type { LabelMatrix } from "./label-matrix.js";
import { LabelState } from "./label-state.js";
import { orderedKey } from "./ordered-key.js";

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
    if (label === LabelState.Unannotated) continue;
    const packed = -orderedKey(bits[i]!) * rows + row;
    if (label === LabelState.Positive) positives[numPositives++] = packed;
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
  const rowOf = (packed: number): number => packed - fallingKey(packed) * rows;
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
    positives: Uint32Array.from(positives, rowOf),
    positivesEnd,
    negatives: Uint32Array.from(negatives, rowOf),
    negativesEnd,
  };
}
