import { CslError } from "@csl/internal/errors/csl-error";

/** Rows of features, [rows * dimensions]. */
export interface FeatureRows {
  features: ArrayLike<number>;
  dimensions: number;
  rows: number;
}

/** More rows change a covariance little: only so many for each dimension are counted, evenly spread. */
const ROWS_PER_DIMENSION = 8;

export function meanRow({ features, dimensions, rows }: FeatureRows): Float64Array {
  const mean = new Float64Array(dimensions);
  for (let row = 0, at = 0; row < rows; row++)
    for (let d = 0; d < dimensions; d++) mean[d]! += features[at++]!;
  for (let d = 0; d < dimensions; d++) mean[d]! /= rows;
  return mean;
}

/**
 * The lower triangle L of the shrunken covariance Σ = L·Lᵀ (Cholesky), row-major. Σ is (1 - shrinkage) of the covariance
 * and shrinkage of a sphere of the same size (Ledoit and Wolf 2004), so that it can be inverted with few rows.
 */
export function covarianceFactor(
  { features, dimensions, rows }: FeatureRows,
  mean: Float64Array,
  shrinkage: number,
): Float64Array {
  const size = dimensions;
  const sum = new Float64Array(size * size);
  const centred = new Float64Array(size);
  const step = Math.max(1, Math.floor(rows / (ROWS_PER_DIMENSION * size)));
  let counted = 0;
  for (let row = 0; row < rows; row += step, counted++) {
    for (let d = 0; d < size; d++) centred[d] = features[row * size + d]! - mean[d]!;
    for (let i = 0; i < size; i++) {
      const factor = centred[i]!;
      if (factor === 0) continue; // behind a ReLU many are, where the mean is, too
      const start = i * size;
      for (let j = 0; j <= i; j++) sum[start + j]! += factor * centred[j]!;
    }
  }
  let trace = 0;
  for (let i = 0; i < size; i++) trace += sum[i * size + i]! / counted;
  const sphere = (shrinkage * trace) / size;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) sum[i * size + j]! *= (1 - shrinkage) / counted;
    sum[i * size + i]! += sphere;
  }
  return factorise(sum, size);
}

/** In place. */
function factorise(matrix: Float64Array, size: number): Float64Array {
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      let value = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) value -= matrix[i * size + k]! * matrix[j * size + k]!;
      if (i !== j) matrix[i * size + j] = value / matrix[j * size + j]!;
      else if (value > 0) matrix[i * size + i] = Math.sqrt(value);
      else
        throw new CslError(
          "invalid-argument",
          "crossFittedScores: expected features that differ between samples, got the same ones for all.",
        );
    }
  return matrix;
}

/** Replaces b by Σ⁻¹·b. */
export function solveWith(factor: Float64Array, b: Float64Array): void {
  const size = b.length;
  for (let i = 0; i < size; i++) {
    let value = b[i]!;
    for (let k = 0; k < i; k++) value -= factor[i * size + k]! * b[k]!;
    b[i] = value / factor[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    const value = b[i]! / factor[i * size + i]!;
    b[i] = value;
    for (let k = 0; k < i; k++) b[k]! -= factor[i * size + k]! * value;
  }
}
