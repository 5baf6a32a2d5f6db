import type * as tf from "@tensorflow/tfjs-core";
import { abnKernels } from "./abn.js";
import { adamKernels } from "./adam.js";
import { addReluKernels } from "./add-relu.js";
import { convolutionKernels } from "./convolution.js";
import { halvingKernels } from "./halving.js";
import { partialLossKernels } from "./partial-loss.js";
import { squeezeExciteKernels } from "./squeeze-excite.js";

/** Kernels over binding/fused*.cc, by the names that @csl/tresnet, @csl/trainer and @csl/partial-loss call. */
export const fusedKernels: readonly tf.KernelConfig[] = [
  ...abnKernels,
  ...addReluKernels,
  ...halvingKernels,
  ...squeezeExciteKernels,
  ...convolutionKernels,
  ...adamKernels,
  ...partialLossKernels,
];
