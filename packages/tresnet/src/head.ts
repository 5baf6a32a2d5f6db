import type * as tf from "@tensorflow/tfjs-core";
import { linear } from "./kernels/linear.js";
import type { TResNetHead } from "./state-dict-shapes.js";

/** The Linear layers of each head, in order, with no activation between. */
const layers: Record<TResNetHead, readonly string[]> = {
  linear: ["head.fc"],
  bottleneck: ["head.fc.embedding_generator.0", "head.fc.FC"],
};

/** Pooled features [batch, channels] -> logits [batch, classes]. */
export function applyHead(
  pooled: tf.Tensor2D,
  head: TResNetHead,
  tensor: (key: string) => tf.Tensor,
): tf.Tensor2D {
  return layers[head].reduce(
    (x, key) => linear(x, tensor(`${key}.weight`) as tf.Tensor2D, tensor(`${key}.bias`) as tf.Tensor1D),
    pooled,
  );
}

/** State-dict keys of a head's tensors. */
export function headKeys(head: TResNetHead): string[] {
  return layers[head].flatMap((key) => [`${key}.weight`, `${key}.bias`]);
}
