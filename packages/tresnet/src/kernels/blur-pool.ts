import {
  CslBlurPool,
  type CslBlurPoolAttrs,
  CslBlurPoolGrad,
  type CslBlurPoolGradAttrs,
  type CslBlurPoolGradInputs,
  type CslBlurPoolInputs,
} from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import { blurPoolBackward, blurPoolForward } from "./blur-pool-loops.js";
import { type KernelDefinition, runKernel } from "./kernel-definition.js";

/** Anti-alias: [1,2,1]x[1,2,1]/16 per channel, reflect padding 1, stride 2; [b,h,w,c] -> [b,⌈h/2⌉,⌈w/2⌉,c]. */
export const blurPool: KernelDefinition<CslBlurPoolInputs, CslBlurPoolAttrs> = {
  name: CslBlurPool,
  composed: ({ x }) => {
    const padded = tf.mirrorPad(
      x as tf.Tensor4D,
      [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ],
      "reflect",
    );
    const filter = tf.tile(tf.tensor4d(binomial, [3, 3, 1, 1]), [1, 1, x.shape[3]!, 1]);
    return tf.depthwiseConv2d(padded, filter as tf.Tensor4D, 2, "valid");
  },
  flat: (memory, { x }) => {
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const y = memory.allocate([batch, Math.ceil(height / 2), Math.ceil(width / 2), channels]);
    blurPoolForward(memory.view(x), memory.view(y), [batch, height, width, channels]);
    return [y];
  },
  gradient: {
    inputsToSave: [],
    gradFunc: (dy, _saved, attributes) => ({
      x: () => runKernel(blurPoolGrad, { dy: dy as tf.Tensor }, attributes),
    }),
  },
};

const binomial = [1, 2, 1, 2, 4, 2, 1, 2, 1].map((n) => n / 16);

/**
 * The transpose of the blur. Per axis y[i] = (x[2i−1] + 2x[2i] + x[2i+1]) / 4 with x[−1] = x[1], x[n] = x[n−2], so
 * dx[2i] = dy[i] / 2 and dx[2i+1] = (dy[i] + dy[i+1]) / 4, where dy[0] counts twice, and for odd n the last one too.
 * (tfjs-core's own MirrorPad gradient drops the reflected border, so no chain of registered gradients here.)
 */
export const blurPoolGrad: KernelDefinition<CslBlurPoolGradInputs, CslBlurPoolGradAttrs> = {
  name: CslBlurPoolGrad,
  composed: ({ dy }, { inputShape }) => {
    const [batch, height, width, channels] = inputShape;
    const [, rows, columns] = dy.shape as [number, number, number, number];
    const tall = transposeAxis(tf.reshape(dy, [batch, rows, columns * channels]), height);
    const wide = transposeAxis(tf.reshape(tall, [batch * height, columns, channels]), width);
    return tf.reshape(wide, inputShape);
  },
  flat: (memory, { dy }, { inputShape }) => {
    const dx = memory.allocate(inputShape);
    blurPoolBackward(memory.view(dy), memory.view(dx), inputShape);
    return [dx];
  },
};

/** [outer, ⌈n/2⌉, inner] -> [outer, n, inner]. */
function transposeAxis(dy: tf.Tensor3D, n: number): tf.Tensor3D {
  const [outer, half, inner] = dy.shape;
  const odd = n % 2 === 1;
  const counts = Array.from({ length: half }, (_, i) => (i === 0 || (odd && i === half - 1) ? 0.5 : 0.25));
  const weighted = tf.mul(dy, tf.tensor(counts, [1, half, 1])) as tf.Tensor3D;
  // Even n: the last odd position has one neighbour only. Odd n: the row after the last is cut off again.
  const next =
    half > 1 &&
    tf.pad(tf.slice(weighted, [0, 1, 0], [outer, half - 1, inner]), [
      [0, 0],
      [0, 1],
      [0, 0],
    ]);
  const pairs = tf.concat([tf.mul(dy, 0.5), next ? tf.add(weighted, next) : weighted], 2);
  const all = tf.reshape(pairs, [outer, 2 * half, inner]) as tf.Tensor3D;
  return odd ? tf.slice(all, [0, 0, 0], [outer, n, inner]) : all;
}

/** Halves height and width (rounding up) after an anti-alias blur. Both must be at least 2 (reflect padding). */
export function blurThenHalve(x: tf.Tensor4D): tf.Tensor4D {
  return runKernel(blurPool, { x }, { inputShape: x.shape });
}
