import { backend_util, type Conv2DAttrs, type TensorInfo } from "@tensorflow/tfjs-core";
import { fitsGather, gatherConv } from "../conv-job.js";
import { isFloatNhwc } from "../is-float-nhwc.js";
import type { NativeKernel } from "../native-kernel.js";
import { addressOf } from "../wasm-heap.js";

type Inputs = { x: TensorInfo; filter: TensorInfo };

/** Convolution, NHWC and HWIO, float32: any stride, padding and dilation. */
export const conv2d: NativeKernel<Inputs, Conv2DAttrs> = {
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

/** Sizes of the convolution that the attributes of Conv2D or FusedConv2D describe. */
export function convInfo({ x, filter }: Inputs, attrs: Conv2DAttrs): backend_util.Conv2DInfo {
  return backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    filter.shape as [number, number, number, number],
    attrs.strides,
    attrs.dilations,
    attrs.pad,
    attrs.dimRoundingMode,
  );
}
