import {
  CslCeilAvgPool,
  type CslCeilAvgPoolAttrs,
  CslCeilAvgPoolGrad,
  type CslCeilAvgPoolGradAttrs,
  type CslCeilAvgPoolGradInputs,
  type CslCeilAvgPoolInputs,
} from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import { ceilAvgPoolBackward, ceilAvgPoolForward } from "./ceil-avg-pool-loops.js";
import { type KernelDefinition, runKernel } from "./kernel-definition.js";

/**
 * AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False): at an odd edge the mean is over what is there.
 * tfjs-core's AvgPoolGrad divides by the full window there, so an own gradient.
 */
export const ceilAvgPool: KernelDefinition<CslCeilAvgPoolInputs, CslCeilAvgPoolAttrs> = {
  name: CslCeilAvgPool,
  composed: ({ x }) => {
    // Repeating the edge leaves the mean of what is there unchanged, whatever a backend's padding rules are.
    const even = repeatLast(repeatLast(x as tf.Tensor4D, 1), 2);
    return tf.avgPool(even, 2, 2, "valid");
  },
  flat: (memory, { x }) => {
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const y = memory.allocate([batch, Math.ceil(height / 2), Math.ceil(width / 2), channels]);
    ceilAvgPoolForward(memory.view(x), memory.view(y), [batch, height, width, channels]);
    return [y];
  },
  gradient: {
    inputsToSave: [],
    gradFunc: (dy, _saved, attributes) => ({
      x: () => runKernel(ceilAvgPoolGrad, { dy: dy as tf.Tensor }, attributes),
    }),
  },
};

/** Every input gets dy / (inputs in its window). */
export const ceilAvgPoolGrad: KernelDefinition<CslCeilAvgPoolGradInputs, CslCeilAvgPoolGradAttrs> = {
  name: CslCeilAvgPoolGrad,
  composed: ({ dy }, { inputShape }) => {
    const [batch, height, width, channels] = inputShape;
    const [, rows, columns] = dy.shape as [number, number, number, number];
    const share = tf.mul(
      tf.tensor(shares(rows, height), [1, rows, 1, 1]),
      tf.tensor(shares(columns, width), [1, 1, columns, 1]),
    );
    const each = tf.mul(dy, share);
    // [.., columns, c] beside itself is [.., 2·columns, c] with every pixel twice; the same for whole rows.
    const wide = tf.reshape(tf.concat([each, each], 3), [batch, rows, 2 * columns * channels]);
    const tall = tf.reshape(tf.concat([wide, wide], 2), [batch, 2 * rows, 2 * columns, channels]);
    if (height === 2 * rows && width === 2 * columns) return tall;
    return tf.slice(tall, [0, 0, 0, 0], inputShape);
  },
  flat: (memory, { dy }, { inputShape }) => {
    const dx = memory.allocate(inputShape);
    ceilAvgPoolBackward(memory.view(dy), memory.view(dx), inputShape);
    return [dx];
  },
};

const shares = (half: number, n: number): number[] =>
  Array.from({ length: half }, (_, i) => (2 * i + 1 < n ? 0.5 : 1));

function repeatLast(x: tf.Tensor4D, axis: 1 | 2): tf.Tensor4D {
  const n = x.shape[axis];
  if (n % 2 === 0) return x;
  const begin: [number, number, number, number] = [0, 0, 0, 0];
  const size: [number, number, number, number] = [-1, -1, -1, -1];
  begin[axis] = n - 1;
  size[axis] = 1;
  return tf.concat([x, tf.slice(x, begin, size)], axis);
}

/** Halves height and width, rounding up. */
export function averageHalve(x: tf.Tensor4D): tf.Tensor4D {
  return runKernel(ceilAvgPool, { x }, { inputShape: x.shape });
}
