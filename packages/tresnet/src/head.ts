import type * as tf from "@tensorflow/tfjs-core";
import type { HeadPlan } from "./head-plan.js";
import { linear } from "./kernels/linear.js";
import { applyDecoder } from "./ml-decoder/apply-decoder.js";
import type { Dropout } from "./ml-decoder/dropout.js";
import { globalPool } from "./run-network.js";

/** The Linear layers of the heads that pool first, in order, with no activation between. */
const layers = {
  linear: ["head.fc"],
  bottleneck: ["head.fc.embedding_generator.0", "head.fc.FC"],
} as const;

/** The body's map [batch, height, width, channels] -> logits [batch, classes]. */
export function applyHead(
  map: tf.Tensor4D,
  head: HeadPlan,
  tensor: (key: string) => tf.Tensor,
  dropout?: Dropout,
): tf.Tensor2D {
  if (head.kind === "ml-decoder") return applyDecoder(map, head, tensor, dropout);
  return layers[head.kind].reduce(
    (x, key) => linear(x, tensor(`${key}.weight`) as tf.Tensor2D, tensor(`${key}.bias`) as tf.Tensor1D),
    globalPool(map),
  );
}
