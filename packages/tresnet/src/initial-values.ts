import { decoderInitialValue, isDecoderKey } from "./ml-decoder/decoder-initial-value.js";
import { listConvNorms, type NetworkPlan } from "./plan.js";
import { fillNormal, fillUniform } from "./random-fill.js";
import { seededRandom } from "./seeded-random.js";

/** The initial value of one tensor: its shape is PyTorch's, its values are in TensorFlow.js layout (HWIO, [in, out]). */
export type Initialiser = (key: string, shape: readonly number[]) => Float32Array;

/**
 * The reference's initial values from a seed: filters normal with deviation √(2 / (out·k·k)) (Kaiming, fan_out, leaky
 * with slope 0), norms 1 and 0, the last norm of each block 0, Linear weights normal with .01, biases of Linear and SE
 * uniform in ±1/√fan_in (PyTorch's default, as in the reference). Each tensor's stream depends on seed and key
 * alone, so another head does not change the body.
 */
export function initialValues(
  plan: NetworkPlan,
  seed: number,
  shapes: ReadonlyMap<string, number[]>,
): Initialiser {
  const zeroNorms = new Set(
    listConvNorms(plan)
      .filter(({ zeroInit }) => zeroInit)
      .map(({ normKey }) => `${normKey}.weight`),
  );
  return (key, shape) => {
    if (isDecoderKey(key)) return decoderInitialValue(key, shape, shapes, seededRandom(seed, key));
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    const [out = 1, , height = 1, width = 1] = shape;
    if (shape.length === 4)
      return fillNormal(values, Math.sqrt(2 / (out * height * width)), seededRandom(seed, key));
    if (shape.length === 2) return fillNormal(values, 0.01, seededRandom(seed, key));
    const inputs = fanIn(key, shapes);
    if (inputs) return fillUniform(values, 1 / Math.sqrt(inputs), seededRandom(seed, key));
    if (key.endsWith(".running_var") || (key.endsWith(".weight") && !zeroNorms.has(key))) values.fill(1);
    return values;
  };
}

/** Inputs of the Linear or SE layer that a bias belongs to; undefined for a norm's bias. */
function fanIn(key: string, shapes: ReadonlyMap<string, number[]>): number | undefined {
  if (!key.endsWith(".bias")) return undefined;
  const weight = shapes.get(key.replace(/bias$/, "weight"))!;
  return weight.length > 1 ? weight[1] : undefined;
}
