import { expectAllClose } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";

/** Numbers without order or symmetry, in (-1, 1); the same on every backend. */
export function numbers(shape: number[], seed: number): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  const values = Float32Array.from({ length: size }, (_, i) => Math.sin((i + 1) * (12.9898 + seed) * 1.37));
  return tf.tensor(values, shape);
}

/** Every number rounded to bfloat16: half to even, as the engine stores it. */
export function halved(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.slice().buffer);
  for (const [i, word] of bits.entries()) bits[i] = (word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000;
  return new Float32Array(bits.buffer);
}

/** Runs a kernel by its name; always a list. */
export function named(name: string, inputs: object, attrs: object = {}): tf.Tensor[] {
  const results = tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap);
  return [results as unknown as tf.Tensor | tf.Tensor[]].flat();
}

/** What a body gives on a backend. */
export async function on(backend: string, body: () => tf.Tensor[]): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  const results = tf.tidy(body);
  const values = results.map((tensor) => tensor.dataSync<"float32">());
  tf.dispose(results);
  return values;
}

export function expectSame(
  actual: readonly Float32Array[],
  expected: readonly Float32Array[],
  tolerance: { atol: number; rtol: number } = { atol: 1e-4, rtol: 1e-4 },
): void {
  for (const [i, values] of expected.entries()) expectAllClose(actual[i]!, values, tolerance);
}
