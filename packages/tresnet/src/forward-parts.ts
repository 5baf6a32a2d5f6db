import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import { abnInference, abnTraining } from "./kernels/abn.js";
import { blurThenHalve } from "./kernels/blur-pool.js";
import { runKernel, runKernels } from "./kernels/kernel-definition.js";
import { syncedAbn } from "./kernels/synced-abn.js";
import type { ConvNormPlan, SqueezeExcitePlan } from "./plan.js";
import type { NetworkParts } from "./run-network.js";
import type { RunningStatistics } from "./running-statistics.js";

/** Added to the variance and to |weight|, as In-Place ABN does with one constant. */
export const epsilon = 1e-5;

/** Replaces numbers by their sum over the processes that train together, before it returns. */
export type SumOverProcesses = (numbers: Float64Array) => void;

interface ForwardOptions {
  training: boolean;
  sum?: SumOverProcesses | undefined;
  /** Receives what the norms find in training. */
  statistics: RunningStatistics;
}

/** The parts of a model that can be trained: norms are separate, statistics are the batch's or the running ones. */
export function forwardParts(
  variable: (key: string) => tf.Variable,
  { training, sum, statistics }: ForwardOptions,
): NetworkParts {
  const normalizeTraining = sum ? normalizeByBatches(statistics, sum) : normalizeByBatch(statistics);
  const norm = training ? normalizeTraining : normalizeByRunning;
  return {
    convNorm: (plan, x) =>
      // The convolution's output ends with this tidy: ABN keeps only its own output for the gradient.
      tf.tidy(() => {
        const filter = variable(`${plan.convKey}.weight`) as tf.Variable<tf.Rank.R4>;
        const y = norm(plan, tf.conv2d(x, filter, 1, "same"), variable);
        return plan.blur ? blurThenHalve(y) : y;
      }),
    squeezeExcite: (plan) => squeezeExciteWeights(plan, variable),
  };
}

/** The four tensors of an SE module. */
export function squeezeExciteWeights(
  { key }: SqueezeExcitePlan,
  tensor: (key: string) => tf.Tensor,
): { w1: tf.Tensor4D; b1: tf.Tensor1D; w2: tf.Tensor4D; b2: tf.Tensor1D } {
  return {
    w1: tensor(`${key}.fc1.weight`) as tf.Tensor4D,
    b1: tensor(`${key}.fc1.bias`) as tf.Tensor1D,
    w2: tensor(`${key}.fc2.weight`) as tf.Tensor4D,
    b2: tensor(`${key}.fc2.bias`) as tf.Tensor1D,
  };
}

type Normalize = (plan: ConvNormPlan, x: tf.Tensor4D, variable: (key: string) => tf.Variable) => tf.Tensor4D;

const normalizeByBatch =
  (statistics: RunningStatistics): Normalize =>
  ({ normKey, slope }, x, variable) => {
    const count = valuesPerChannel(normKey, x);
    const [y, mean, variance] = abnTraining(x, ...weightAndBias(normKey, variable), { epsilon, slope });
    statistics.note(variable(`${normKey}.running_mean`), mean);
    statistics.note(variable(`${normKey}.running_var`), variance, count / (count - 1)); // unbiased
    return y;
  };

/** The batch of a norm is that of all processes. */
const normalizeByBatches =
  (statistics: RunningStatistics, sum: SumOverProcesses): Normalize =>
  ({ normKey, slope }, x, variable) => {
    valuesPerChannel(normKey, x);
    const [weight, bias] = weightAndBias(normKey, variable);
    const [y, mean, , unbiased] = runKernels(syncedAbn, { x, weight, bias }, { epsilon, slope, sum });
    statistics.note(variable(`${normKey}.running_mean`), mean!);
    statistics.note(variable(`${normKey}.running_var`), unbiased!);
    return y as tf.Tensor4D;
  };

function weightAndBias(
  normKey: string,
  variable: (key: string) => tf.Variable,
): [weight: tf.Tensor1D, bias: tf.Tensor1D] {
  return [variable(`${normKey}.weight`), variable(`${normKey}.bias`)] as tf.Tensor[] as [
    tf.Tensor1D,
    tf.Tensor1D,
  ];
}

function valuesPerChannel(normKey: string, x: tf.Tensor4D): number {
  const count = x.size / x.shape[3];
  if (count < 2)
    throw new CslError(
      "invalid-argument",
      `tresnet: expected more than one value per channel to train ${normKey}, got ${x.shape[1]}x${x.shape[2]} of ` +
        "one image. Use a larger batch or larger images.",
    );
  return count;
}

const normalizeByRunning: Normalize = ({ normKey, slope }, x, variable) =>
  runKernel(
    abnInference,
    {
      x,
      weight: variable(`${normKey}.weight`),
      bias: variable(`${normKey}.bias`),
      mean: variable(`${normKey}.running_mean`),
      variance: variable(`${normKey}.running_var`),
    },
    { epsilon, slope },
  );
