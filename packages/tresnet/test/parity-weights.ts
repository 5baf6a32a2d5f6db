import type { StateDict } from "@csl/internal/tensors/state-dict";

/**
 * `count` float32 numbers in [-1, 1) from a name: FNV-1a, then a 32-bit mixer per position.
 * tooling/reference/tresnet.py computes the same, so that no weights need to be stored.
 */
export function parityUniform(name: string, count: number): Float32Array {
  let seed = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) seed = Math.imul(seed ^ name.charCodeAt(i), 0x01000193);
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let x = (Math.imul(i, 0x9e3779b9) + seed) | 0;
    x ^= x >>> 16;
    x = Math.imul(x, 0x7feb352d);
    x ^= x >>> 15;
    x = Math.imul(x, 0x846ca68b);
    x ^= x >>> 16;
    out[i] = (x >>> 8) / 2 ** 23 - 1;
  }
  return out;
}

/** Norm biases: small ones ("near"), or two deviations up or down ("far"), where few values are near a kink of ReLU. */
export type ParityBias = "near" | "far";

/**
 * A state-dict whose values both languages derive from keys and shapes. Every fifth norm weight is exactly 0 (with
 * "near" its bias, too, as training starts).
 */
export function parityStateDict(
  shapes: ReadonlyMap<string, number[]>,
  { bias }: { bias: ParityBias },
): StateDict {
  const tensor = bias === "far" ? farTensor : nearTensor;
  return new Map([...shapes].map(([key, shape]) => [key, { shape, data: tensor(key, shape) }]));
}

function farTensor(key: string, shape: readonly number[]): Float32Array {
  if (!key.endsWith(".1.bias")) return nearTensor(key, shape);
  const weight = nearTensor(key.replace(/bias$/, "weight"), shape);
  return parityUniform(key, weight.length).map((u, i) => (u < 0 ? -2 : 2) * (Math.abs(weight[i]!) + 1e-5));
}

function nearTensor(key: string, shape: readonly number[]): Float32Array {
  if (shape.length === 0) return Float32Array.of(0);
  const [, inputs = 1, height = 1, width = 1] = shape;
  const values = parityUniform(
    key,
    shape.reduce((a, b) => a * b, 1),
  );
  // Small residual branches keep the gradient well-conditioned; the script has the reason.
  const divisor = /\.conv[23]\.1\.weight$/.test(key) ? 5 : key.endsWith("weight") ? 1 : 10;
  const scale = Math.sqrt(3 / (inputs * height * width));
  const oneAxis = (u: number, i: number): number => (i % 5 === 0 ? 0 : u / divisor);
  for (let i = 0; i < values.length; i++) {
    const u = values[i]!;
    if (shape.length >= 2) values[i] = u * scale;
    else values[i] = key.endsWith("running_var") ? 1 + u / 2 : oneAxis(u, i);
  }
  return values;
}
