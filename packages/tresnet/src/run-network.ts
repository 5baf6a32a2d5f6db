import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import { addThenRelu } from "./kernels/add-relu.js";
import { averageHalve } from "./kernels/ceil-avg-pool.js";
import { type SqueezeExciteWeights, squeezeThenExcite } from "./kernels/squeeze-excite.js";
import type { BlockPlan, ConvNormPlan, NetworkPlan, SqueezeExcitePlan } from "./plan.js";

/** What differs between training, inference and the folded model. */
export interface NetworkParts {
  /** Convolution, norm, activation and, where planned, blur. */
  convNorm(plan: ConvNormPlan, x: tf.Tensor4D): tf.Tensor4D;
  squeezeExcite(plan: SqueezeExcitePlan): SqueezeExciteWeights;
}

/** images [batch, h, w, 3] -> features [batch, ⌈h/32⌉, ⌈w/32⌉, features]. */
export function runNetwork(plan: NetworkPlan, parts: NetworkParts, images: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    let x = parts.convNorm(plan.stem, spaceToDepth(images));
    // One tidy per block: what no gradient keeps is freed during the pass.
    for (const block of plan.stages.flat()) {
      const input = x;
      x = tf.tidy(() => runBlock(block, parts, input));
      input.dispose();
    }
    return x;
  });
}

function runBlock(block: BlockPlan, parts: NetworkParts, input: tf.Tensor4D): tf.Tensor4D {
  const { convs, squeezeExcite, downsample } = block;
  // A basic block excites its output, a bottleneck the planes before its last convolution.
  const excitedIndex = block.kind === "basic" ? convs.length - 1 : convs.length - 2;
  let x = input;
  for (const [index, conv] of convs.entries()) {
    x = parts.convNorm(conv, x);
    if (squeezeExcite && index === excitedIndex) x = squeezeThenExcite(x, parts.squeezeExcite(squeezeExcite));
  }
  return addThenRelu(x, shortcut(block, downsample, parts, input));
}

function shortcut(
  { stride }: BlockPlan,
  downsample: ConvNormPlan | null,
  parts: NetworkParts,
  input: tf.Tensor4D,
): tf.Tensor4D {
  if (!downsample) return input;
  return parts.convNorm(downsample, stride === 2 ? averageHalve(input) : input);
}

/** features [batch, h, w, c] -> [batch, c]: the mean over the image. */
export function globalPool(features: tf.Tensor4D): tf.Tensor2D {
  return tf.mean(features, [1, 2]);
}

/** Side of the squares that become channels. */
const side = 4;

/**
 * [batch, h, w, 3] -> [batch, h/4, w/4, 48]; output channel (dy·4 + dx)·3 + c, as the reference permutes.
 * Height and width must be multiples of 4.
 */
export function spaceToDepth(images: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape;
  const rows = height / side;
  const columns = width / side;
  // Within one image row, four pixels of one square already lie together as (dx, c).
  const run = side * channels;
  const squares = tf.transpose(tf.reshape(images, [batch, rows, side, columns, run]), [0, 1, 3, 2, 4]);
  return tf.reshape(squares, [batch, rows, columns, side * run]);
}

/** Checks what forward() and features() are given. */
export function checkImages(images: tf.Tensor4D): void {
  const [, height = 0, width = 0, channels] = images.shape;
  if (images.rank !== 4 || channels !== 3 || images.dtype !== "float32")
    throw new CslError(
      "invalid-argument",
      `tresnet: expected images float32 [batch, height, width, 3] in [0, 1], got ${images.dtype} [${images.shape}]. ` +
        "Divide 8-bit images by 255.",
    );
  // The last blur mirrors its border, so stage 4 must receive at least 2x2: 5 quarters and more.
  if (height % 4 !== 0 || width % 4 !== 0 || height < 20 || width < 20)
    throw new CslError(
      "invalid-argument",
      `tresnet: expected height and width to be multiples of 4 and at least 20, got ${height}x${width}. Resize first.`,
    );
  if (images.shape[0] === 0)
    throw new CslError("invalid-argument", "tresnet: expected at least one image, got an empty batch.");
}
