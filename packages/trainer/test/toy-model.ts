import type { StateDict } from "@csl/internal/tensors/state-dict";
import * as tf from "@tensorflow/tfjs-core";
import type { Batch } from "../src/batch.js";
import type { TrainableModel } from "../src/model.js";

/**
 * For tests: the smallest model with everything a trainer meets. Mean colour [batch, 3], centred by a running mean
 * (as batch normalisation has one), then a linear layer whose state dict is transposed as PyTorch's is.
 */
export function createToyModel(numClasses = 3): TrainableModel & { dispose(): void } {
  const start = Array.from({ length: 3 * numClasses }, (_, i) => 0.3 * Math.sin(i + 1));
  const weight = tf.tidy(() => tf.variable(tf.tensor2d(start, [3, numClasses])));
  const bias = tf.tidy(() => tf.variable(tf.zeros([numClasses])));
  const runningMean = tf.tidy(() => tf.variable(tf.zeros([3]), false));
  return {
    forward(images, { training = false } = {}) {
      return tf.tidy(() => {
        const colour = tf.mean(images, [1, 2]) as tf.Tensor2D;
        const mean = tf.mean(colour, 0);
        if (training) runningMean.assign(tf.add(tf.mul(runningMean, 0.9), tf.mul(mean, 0.1)));
        const centred = tf.sub(colour, training ? mean : runningMean);
        return tf.add(tf.matMul(tf.mul(centred, 4), weight as tf.Tensor2D), bias) as tf.Tensor2D;
      });
    },
    parameters: () =>
      new Map([
        ["fc.weight", weight],
        ["fc.bias", bias],
      ]),
    buffers: () => new Map([["norm.running_mean", runningMean]]),
    async stateDict() {
      const transposed = tf.transpose(weight);
      const state: StateDict = new Map([
        ["norm.running_mean", { shape: [3], data: (await runningMean.data<"float32">()).slice() }],
        ["fc.weight", { shape: [numClasses, 3], data: (await transposed.data<"float32">()).slice() }],
        ["fc.bias", { shape: [numClasses], data: (await bias.data<"float32">()).slice() }],
      ]);
      transposed.dispose();
      return state;
    },
    loadStateDict(state) {
      tf.tidy(() => {
        const read = (key: string): Float32Array => state.get(key)!.data.slice();
        weight.assign(tf.transpose(tf.tensor2d(read("fc.weight"), [numClasses, 3])));
        bias.assign(tf.tensor1d(read("fc.bias")));
        runningMean.assign(tf.tensor1d(read("norm.running_mean")));
      });
    },
    dispose: () => tf.dispose([weight, bias, runningMean]),
  };
}

/** Class c is present where colour channel c is bright. Every third entry is un-annotated with `partial`. */
export function toyBatches(
  count: number,
  { size = 8, seed = 0, partial = false, numClasses = 3 }: ToyBatchOptions = {},
): Batch[] {
  return Array.from({ length: count }, (_, b) => {
    const images = new Uint8Array(size * 4 * 4 * 3);
    const labels = new Int8Array(size * numClasses);
    for (let row = 0; row < size; row++) {
      for (let c = 0; c < 3; c++) {
        const level = Math.abs(Math.sin(12.9898 * (row + 1) + 78.233 * (b + 1) + 37.719 * c + seed)); // no order in it
        for (let pixel = 0; pixel < 16; pixel++) images[(row * 16 + pixel) * 3 + c] = 255 * level;
        if (c < numClasses)
          labels[row * numClasses + c] = partial && (row + c) % 3 === 0 ? -1 : +(level > 0.5);
      }
    }
    return { images, labels, size, height: 4, width: 4 };
  });
}

interface ToyBatchOptions {
  size?: number;
  seed?: number;
  partial?: boolean;
  numClasses?: number;
}

/** Sum of the binary cross entropies of the annotated entries. */
export function toyLoss(logits: tf.Tensor2D, labels: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => {
    const annotated = tf.cast(tf.notEqual(labels, -1), "float32");
    const entropy = tf.sub(tf.softplus(logits), tf.mul(logits, labels));
    return tf.sum(tf.mul(entropy, annotated)) as tf.Scalar;
  });
}
