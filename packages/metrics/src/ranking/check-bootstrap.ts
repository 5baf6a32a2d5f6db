import { checkCount } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";
import { type LabelMatrix, type NumberArray, toCheckedMatrix } from "../scores/label-matrix.js";

/** Above this, a sample's number and its key no longer fit one exact number. */
const MAX_SAMPLES = 1_048_576;

export function checkBootstrap(
  speaker: string,
  { draws, level, seed }: { draws: number; level: number; seed: number },
): void {
  checkCount(speaker, "draws", draws);
  if (!(level > 0 && level < 1)) {
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected level to be between 0 and 1, got ${level}. 0.95 is usual.`,
    );
  }
  if (!Number.isSafeInteger(seed)) {
    throw new CslError("invalid-argument", `${speaker}: expected seed to be a whole number, got ${seed}.`);
  }
}

/** A matrix whose entries were all checked, small enough for `rankedRows`. */
export function drawableMatrix(
  speaker: string,
  scores: NumberArray,
  labels: NumberArray,
  numClasses: number,
): LabelMatrix {
  const matrix = toCheckedMatrix(speaker, scores, labels, numClasses);
  if (matrix.rows > MAX_SAMPLES) {
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected at most ${MAX_SAMPLES} samples, got ${matrix.rows}. Pass a random part of them.`,
    );
  }
  return matrix;
}
