/**
 * The reference's rule for what decays: everything but vectors (biases, normalisation weights) and keys that end
 * in ".bias" (method.md 2.3, `add_weight_decay`).
 */
export function decays(key: string, shape: readonly number[]): boolean {
  return shape.length > 1 && !key.endsWith(".bias");
}
