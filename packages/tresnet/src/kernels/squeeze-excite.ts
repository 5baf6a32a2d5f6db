import {
  CslSqueezeExcite,
  type CslSqueezeExciteAttrs,
  CslSqueezeExciteGrad,
  type CslSqueezeExciteGradAttrs,
  type CslSqueezeExciteGradInputs,
  type CslSqueezeExciteInputs,
} from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import { type KernelDefinition, runKernels } from "./kernel-definition.js";
import { linearGradients } from "./linear.js";
import { gateBackward, gateForward, pool, scale, scaleBackward } from "./squeeze-excite-loops.js";

const matrix = (w: tf.Tensor): tf.Tensor2D => tf.reshape(w, [w.shape[2]!, w.shape[3]!]);

/**
 * y = x · σ(relu(mean(x)·W1 + b1)·W2 + b2) with W as 1x1 filters [1,1,in,out].
 * Outputs [y, pooled [b,c], hidden [b,r], gate [b,c]]; only y is differentiable.
 */
export const squeezeExcite: KernelDefinition<CslSqueezeExciteInputs, CslSqueezeExciteAttrs> = {
  name: CslSqueezeExcite,
  composed: ({ x, w1, b1, w2, b2 }, _attributes, { spatialMean }) => {
    const [batch, , , channels] = x.shape as [number, number, number, number];
    const pooled = spatialMean(x as tf.Tensor4D);
    const hidden = tf.relu(tf.add(tf.matMul(pooled, matrix(w1)), b1)) as tf.Tensor2D;
    const gate = tf.sigmoid(tf.add(tf.matMul(hidden, matrix(w2)), b2));
    return [tf.mul(x, tf.reshape(gate, [batch, 1, 1, channels])), pooled, hidden, gate];
  },
  flat: (memory, { x, w1, b1, w2, b2 }) => {
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const y = memory.allocate(x.shape);
    const pooled = memory.allocate([batch, channels]);
    const hidden = memory.allocate([batch, w1.shape[3]!]);
    const gate = memory.allocate([batch, channels]);
    const [input, mean, inner, factor] = [
      memory.view(x),
      memory.view(pooled),
      memory.view(hidden),
      memory.view(gate),
    ];
    pool(input, mean, [batch, height * width, channels]);
    const weights = {
      w1: memory.view(w1),
      b1: memory.view(b1),
      w2: memory.view(w2),
      b2: memory.view(b2),
    };
    gateForward(mean, inner, factor, weights);
    scale(input, factor, memory.view(y), [batch, height * width, channels]);
    return [y, pooled, hidden, gate];
  },
  gradient: {
    inputsToSave: ["x", "w1", "w2"],
    outputsToSave: [false, true, true, true],
    gradFunc: (dys, saved) => {
      const [x, w1, w2, pooled, hidden, gate] = saved as tf.Tensor[];
      const dy = (dys as tf.Tensor[])[0]!;
      const inputs = { dy, x: x!, pooled: pooled!, hidden: hidden!, gate: gate!, w1: w1!, w2: w2! };
      const [dx, dw1, db1, dw2, db2] = runKernels(squeezeExciteGrad, inputs, {}) as Five;
      return { x: () => dx, w1: () => dw1, b1: () => db1, w2: () => dw2, b2: () => db2 };
    },
  },
};

type Five = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];

/** [dx, dw1, db1, dw2, db2]. */
export const squeezeExciteGrad: KernelDefinition<CslSqueezeExciteGradInputs, CslSqueezeExciteGradAttrs> = {
  name: CslSqueezeExciteGrad,
  composed: ({ dy, x, pooled, hidden, gate, w1, w2 }, _attributes, { spatialMean }) => {
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const pixels = height * width;
    const broadcast = (t: tf.Tensor): tf.Tensor => tf.reshape(t, [batch, 1, 1, channels]);
    const dgate = tf.mul(spatialMean(tf.mul(dy, x) as tf.Tensor4D), pixels);
    const d2 = tf.mul(dgate, tf.mul(gate, tf.sub(1, gate))) as tf.Tensor2D; // before the sigmoid
    const second = linearGradients(hidden as tf.Tensor2D, matrix(w2), d2);
    const d1 = tf.mul(second.dx, tf.step(hidden)) as tf.Tensor2D; // before the relu
    const first = linearGradients(pooled as tf.Tensor2D, matrix(w1), d1);
    const dx = tf.add(tf.mul(dy, broadcast(gate)), broadcast(tf.div(first.dx, pixels)));
    const asFilter = (dw: tf.Tensor, w: tf.Tensor): tf.Tensor => tf.reshape(dw, w.shape);
    return [dx, asFilter(first.dw, w1), first.db, asFilter(second.dw, w2), second.db];
  },
  flat: (memory, { dy, x, pooled, hidden, gate, w1, w2 }) => {
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const size = [batch, height * width, channels] as const;
    const dx = memory.allocate(x.shape);
    const dw1 = memory.allocate(w1.shape);
    const db1 = memory.allocate([w1.shape[3]!]);
    const dw2 = memory.allocate(w2.shape);
    const db2 = memory.allocate([channels]);
    const upstream = memory.view(dy);
    const factor = memory.view(gate);
    const saved = { pooled: memory.view(pooled), hidden: memory.view(hidden), gate: factor };
    const weights = { w1: memory.view(w1), w2: memory.view(w2) };
    const outputs = {
      dw1: memory.view(dw1),
      db1: memory.view(db1),
      dw2: memory.view(dw2),
      db2: memory.view(db2),
    };
    const dpooled = gateBackward(upstream, memory.view(x), size, { saved, weights, outputs });
    scaleBackward(upstream, factor, dpooled, memory.view(dx), size);
    return [dx, dw1, db1, dw2, db2];
  },
};

/** Weights of one squeeze-and-excitation module. */
export interface SqueezeExciteWeights {
  w1: tf.Tensor4D;
  b1: tf.Tensor1D;
  w2: tf.Tensor4D;
  b2: tf.Tensor1D;
}

/** Scales every channel by a gate computed from the means of all channels. */
export function squeezeThenExcite(x: tf.Tensor4D, weights: SqueezeExciteWeights): tf.Tensor4D {
  return runKernels(squeezeExcite, { x, ...weights }, {})[0] as tf.Tensor4D;
}
