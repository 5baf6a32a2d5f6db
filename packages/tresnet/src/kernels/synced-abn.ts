import {
  type CslAbnAttrs,
  CslSyncedAbn,
  type CslSyncedAbnAttrs,
  CslSyncedAbnGrad,
  type CslSyncedAbnGradAttrs,
  type CslSyncedAbnGradInputs,
  type CslSyncedAbnInputs,
} from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import { abnGrad, abnInference, abnTraining, activate, effectiveWeight } from "./abn.js";
import { type KernelDefinition, runKernel, runKernels, type Tensors } from "./kernel-definition.js";

/**
 * Training with the statistics of all processes' batches. The statistics of the own batch are CslAbn's; their sums over the processes
 * are in float64, where E[x²] - E[x]² loses nothing that float32 could hold.
 */
export const syncedAbn: KernelDefinition<CslSyncedAbnInputs, CslSyncedAbnAttrs> = {
  name: CslSyncedAbn,
  composedOnly: true,
  composed: (inputs, { sum, ...attributes }) => {
    const { x, weight, bias } = inputs as { x: tf.Tensor4D; weight: tf.Tensor1D; bias: tf.Tensor1D };
    const [mean, variance, unbiased] = statisticsOfAll(ownStatistics(x, weight, bias, attributes), sum);
    const y = runKernel(abnInference, { x, weight, bias, mean, variance }, attributes);
    return [y, mean, variance, unbiased];
  },
  gradient: {
    inputsToSave: ["weight", "bias"],
    outputsToSave: [true, false, true, false],
    gradFunc: (dys, saved, attributes) => {
      const [weight, bias, y, variance] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const inputs = { dy: (dys as tf.Tensor[])[0]!, y, weight, bias, variance };
      const [dx, dweight, dbias] = runKernels(syncedAbnGrad, inputs, attributes) as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
      ];
      return { x: () => dx, weight: () => dweight, bias: () => dbias };
    },
  },
};

/**
 * With frozen statistics CslAbnGrad gives γ/σ · dz and the sums of the own batch. What the statistics add to dx is made of the sums
 * over all: −γ/σ · (mean(dz) + x̂ · mean(dz·x̂)). The sums stay this process's own in dweight and dbias: gradients of weights are
 * added up by the trainer.
 */
export const syncedAbnGrad: KernelDefinition<CslSyncedAbnGradInputs, CslSyncedAbnGradAttrs> = {
  name: CslSyncedAbnGrad,
  composedOnly: true,
  composed: (inputs, { sum, ...attributes }, primitives) => {
    const { y, weight, bias, variance } = inputs as Tensors<CslSyncedAbnGradInputs> & { y: tf.Tensor4D };
    const { epsilon, slope } = attributes;
    const [own, dweight, dbias] = runKernels(abnGrad, inputs, { ...attributes, frozen: true }) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const channels = weight.size;
    const numbers = new Float64Array(2 * channels + 1);
    const signs = weight.dataSync();
    numbers.set(dbias.dataSync());
    numbers.set(
      dweight.dataSync().map((value, c) => (signs[c]! < 0 ? -value : value)),
      channels,
    );
    numbers[2 * channels] = y.size / channels;
    sum(numbers);
    const count = numbers[2 * channels]!;
    const meanOf = (from: number): tf.Tensor1D =>
      tf.tensor1d(Float32Array.from(numbers.subarray(from, from + channels), (value) => value / count));
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    // γ/σ · x̂ · mean(dz·x̂) = (bn − b) · mean(dz·x̂) / σ, bn being y before its activation
    const alongX = tf.neg(tf.mul(meanOf(channels), inverse));
    const constant = tf.mul(tf.mul(meanOf(0), effectiveWeight(weight, epsilon)), inverse);
    const bn = activate(y, 1 / slope, primitives);
    const dx = tf.sub(tf.add(own, tf.mul(tf.sub(bn, bias), alongX)), constant);
    return [dx, dweight, dbias];
  },
};

interface OwnStatistics {
  mean: ArrayLike<number>;
  variance: ArrayLike<number>;
  count: number;
}

function ownStatistics(
  x: tf.Tensor4D,
  weight: tf.Tensor1D,
  bias: tf.Tensor1D,
  attributes: CslAbnAttrs,
): OwnStatistics {
  return tf.tidy(() => {
    const [, mean, variance] = abnTraining(x, weight, bias, attributes);
    return { mean: mean.dataSync(), variance: variance.dataSync(), count: x.size / weight.size };
  }) as OwnStatistics;
}

/** Mean, biased and unbiased variance over the batches of all processes. */
function statisticsOfAll(
  { mean, variance, count }: OwnStatistics,
  sum: CslSyncedAbnAttrs["sum"],
): [mean: tf.Tensor1D, variance: tf.Tensor1D, unbiased: tf.Tensor1D] {
  const channels = mean.length;
  const numbers = new Float64Array(2 * channels + 1);
  for (let c = 0; c < channels; c++) {
    numbers[c] = count * mean[c]!;
    numbers[channels + c] = count * (variance[c]! + mean[c]! ** 2);
  }
  numbers[2 * channels] = count;
  sum(numbers);
  const total = numbers[2 * channels]!;
  const means = numbers.subarray(0, channels).map((value) => value / total);
  const spreads = means.map((value, c) => Math.max(numbers[channels + c]! / total - value ** 2, 0));
  const unbiased = spreads.map((value) => (value * total) / (total - 1));
  const tensor = (values: Float64Array): tf.Tensor1D => tf.tensor1d(Float32Array.from(values));
  return [tensor(means), tensor(spreads), tensor(unbiased)];
}
