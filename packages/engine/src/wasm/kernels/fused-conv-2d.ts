import type { FusedConv2DAttrs, TensorInfo } from "@tensorflow/tfjs-core";
import { fitsGather, gatherConv } from "../conv-job.js";
import { isFloatNhwc } from "../is-float-nhwc.js";
import type { NativeKernel } from "../native-kernel.js";
import { addressOf } from "../wasm-heap.js";
import { convInfo } from "./conv-2d.js";

interface Inputs {
  x: TensorInfo;
  filter: TensorInfo;
  bias?: TensorInfo;
  preluActivationWeights?: TensorInfo;
}

/** The activations that are leaky for some slope. */
const slopes: Partial<Record<FusedConv2DAttrs["activation"], (alpha: number) => number>> = {
  linear: () => 1,
  relu: () => 0,
  leakyrelu: (alpha) => alpha,
};

/** Convolution with bias and activation, for a bias per channel and an activation that is leaky. */
export const fusedConv2d: NativeKernel<Inputs, FusedConv2DAttrs> = {
  kernelName: "FusedConv2D",
  serves(inputs, attrs) {
    const { x, filter, bias, preluActivationWeights } = inputs;
    return (
      isFloatNhwc({ x, filter, bias }, attrs) &&
      !preluActivationWeights &&
      attrs.activation in slopes &&
      (!bias || bias.shape.reduce((a, b) => a * b, 1) === filter.shape[3]) &&
      fitsGather(convInfo({ x, filter }, attrs))
    );
  },
  compute({ inputs: { x, filter, bias }, attrs, backend, runner }): TensorInfo {
    const info = convInfo({ x, filter }, attrs);
    const out = backend.makeOutput(info.outShape, "float32");
    const at = (tensor: TensorInfo): number => addressOf(backend, tensor);
    gatherConv(
      runner,
      info,
      { input: at(x), filter: at(filter), out: at(out), ...(bias ? { bias: at(bias) } : {}) },
      { slope: slopes[attrs.activation]!(attrs.leakyreluAlpha ?? 0.2) },
    );
    return out;
  },
};
