import {
  backend_util,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { addressOf, isFloatNhwc, type NativeKernel } from "../native-kernel.js";
import { Task } from "../task.js";

type Shape4D = [number, number, number, number];

/** Gradient of a depthwise convolution by its input, for channel multiplier 1. */
export const depthwiseBackpropInput: NativeKernel<
  { dy: TensorInfo; filter: TensorInfo },
  DepthwiseConv2dNativeBackpropInputAttrs
> = {
  kernelName: "DepthwiseConv2dNativeBackpropInput",
  serves: (inputs, attrs) =>
    isFloatNhwc(inputs, {}) && inputs.filter.shape[3] === 1 && attrs.inputShape.length === 4,
  compute({ inputs: { dy, filter }, attrs, backend, runner }): TensorInfo {
    const info = depthwiseInfo(attrs.inputShape, filter.shape as Shape4D, attrs);
    const dx = backend.makeOutput(attrs.inputShape, "float32");
    const addresses = [dy, filter, dx].map((tensor) => addressOf(backend, tensor));
    runner.run(Task.depthwiseInputGradient, info.batchSize * info.inHeight, [
      ...addresses,
      ...integers(info),
    ]);
    return dx;
  },
};

/** Gradient of a depthwise convolution by its filter, for channel multiplier 1. */
export const depthwiseBackpropFilter: NativeKernel<
  { x: TensorInfo; dy: TensorInfo },
  DepthwiseConv2dNativeBackpropFilterAttrs
> = {
  kernelName: "DepthwiseConv2dNativeBackpropFilter",
  serves: (inputs, attrs) =>
    isFloatNhwc(inputs, {}) && attrs.filterShape[3] === 1 && inputs.x.shape.length === 4,
  compute({ inputs: { x, dy }, attrs, backend, runner }): TensorInfo {
    const info = depthwiseInfo(x.shape as Shape4D, attrs.filterShape, attrs);
    const dw = backend.makeOutput(attrs.filterShape, "float32");
    const addresses = [x, dy, dw].map((tensor) => addressOf(backend, tensor));
    runner.run(Task.depthwiseFilterGradient, info.filterHeight * info.filterWidth, [
      ...addresses,
      ...integers(info),
    ]);
    return dw;
  },
};

function depthwiseInfo(
  inShape: Shape4D,
  filterShape: Shape4D,
  attrs: DepthwiseConv2dNativeBackpropInputAttrs | DepthwiseConv2dNativeBackpropFilterAttrs,
): backend_util.Conv2DInfo {
  const { strides, dilations, pad, dimRoundingMode } = attrs;
  return backend_util.computeConv2DInfo(inShape, filterShape, strides, dilations, pad, dimRoundingMode, true);
}

function integers(info: backend_util.Conv2DInfo): number[] {
  return [
    info.batchSize,
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.outHeight,
    info.outWidth,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.dilationHeight,
    info.dilationWidth,
    info.padInfo.top,
    info.padInfo.left,
  ];
}
