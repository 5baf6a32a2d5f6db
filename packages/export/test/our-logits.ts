import type { StateDict } from "@csl/internal/tensors/state-dict";
import { createTResNet, type TResNetOptions } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs";

/** Logits of images as bytes [count, side, side, 3], with the norms apart and folded. */
export async function ourLogits(
  { model: options, state }: { model: TResNetOptions; state: StateDict },
  bytes: Uint8Array,
  side: number,
): Promise<{ apart: Float32Array; folded: Float32Array }> {
  const model = createTResNet(options);
  model.loadStateDict(state);
  const folded = model.foldBatchNorm();
  const images = tf.tensor4d(
    Float32Array.from(bytes, (byte) => byte / 255),
    [bytes.length / (side * side * 3), side, side, 3],
  );
  const outputs = [model.forward(images), folded.forward(images)];
  const [first, second] = (await Promise.all(outputs.map((output) => output.data()))) as Float32Array[];
  for (const one of [images, ...outputs, model, folded]) one.dispose();
  return { apart: first!, folded: second! };
}

export function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}
