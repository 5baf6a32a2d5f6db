import {
  backend_util,
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropInputAttrs,
  type FusedConv2DAttrs,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { addressOf, isFloatNhwc, type NativeKernel } from "../native-kernel.js";
import { fitsGather, gatherConv, weightGradient } from "../run-convolution.js";

type Shape4D = [number, number, number, number];

/** Convolution, NHWC and HWIO, float32: any stride, padding and dilation. */
export const conv2d: NativeKernel<{ x: TensorInfo; filter: TensorInfo }, Conv2DAttrs> = {
  kernelName: "Conv2D",
  serves: (inputs, attrs) => isFloatNhwc(inputs, attrs) && fitsGather(convInfo(inputs, attrs)),
  compute({ inputs, attrs, backend, runner }): TensorInfo {
    const info = convInfo(inputs, attrs);
    const out = backend.makeOutput(info.outShape, "float32");
    const at = (tensor: TensorInfo): number => addressOf(backend, tensor);
    gatherConv(runner, info, { input: at(inputs.x), filter: at(inputs.filter), out: at(out) });
    return out;
  },
};

interface FusedInputs {
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
export const fusedConv2d: NativeKernel<FusedInputs, FusedConv2DAttrs> = {
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

/** Gradient of a convolution by its input: every input pixel gathers the output pixels that it went into. */
export const conv2dBackpropInput: NativeKernel<
  { dy: TensorInfo; filter: TensorInfo },
  Conv2DBackpropInputAttrs
> = {
  kernelName: "Conv2DBackpropInput",
  serves: (inputs, attrs) =>
    isFloatNhwc(inputs, attrs) && fitsGather(gradientInfo(attrs.inputShape, inputs.filter.shape, attrs)),
  compute({ inputs, attrs, backend, runner }): TensorInfo {
    const info = gradientInfo(attrs.inputShape, inputs.filter.shape, attrs);
    const out = backend.makeOutput(info.inShape, "float32");
    const at = (tensor: TensorInfo): number => addressOf(backend, tensor);
    gatherConv(
      runner,
      info,
      { input: at(inputs.dy), filter: at(inputs.filter), out: at(out) },
      { backward: true },
    );
    return out;
  },
};

/** Gradient of a convolution by its filter. The wasm backend has no such kernel of its own. */
export const conv2dBackpropFilter: NativeKernel<
  { x: TensorInfo; dy: TensorInfo },
  Conv2DBackpropFilterAttrs
> = {
  kernelName: "Conv2DBackpropFilter",
  serves: isFloatNhwc,
  compute({ inputs: { x, dy }, attrs, backend, runner }): TensorInfo {
    const info = gradientInfo(x.shape, attrs.filterShape, attrs);
    const dw = backend.makeOutput(info.filterShape, "float32");
    const at = (tensor: TensorInfo): number => addressOf(backend, tensor);
    weightGradient(runner, info, { x: at(x), dy: at(dy), dw: at(dw) });
    return dw;
  },
};

function convInfo(
  { x, filter }: { x: TensorInfo; filter: TensorInfo },
  { strides, dilations, pad, dimRoundingMode }: Conv2DAttrs,
): backend_util.Conv2DInfo {
  const shapes = [x.shape as Shape4D, filter.shape as Shape4D] as const;
  return backend_util.computeConv2DInfo(...shapes, strides, dilations, pad, dimRoundingMode);
}

/** TensorFlow.js has no gradients of convolutions with dilation. */
function gradientInfo(
  inShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dimRoundingMode }: Conv2DBackpropInputAttrs | Conv2DBackpropFilterAttrs,
): backend_util.Conv2DInfo {
  const shapes = [inShape as Shape4D, filterShape as Shape4D] as const;
  return backend_util.computeConv2DInfo(...shapes, strides, 1, pad, dimRoundingMode);
}
