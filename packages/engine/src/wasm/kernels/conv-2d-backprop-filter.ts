import { backend_util, type Conv2DBackpropFilterAttrs, type TensorInfo } from "@tensorflow/tfjs-core";
import { weightGradient } from "../conv-job.js";
import { isFloatNhwc } from "../is-float-nhwc.js";
import type { NativeKernel } from "../native-kernel.js";
import { addressOf } from "../wasm-heap.js";

type Inputs = { x: TensorInfo; dy: TensorInfo };

/** Gradient of a convolution by its filter. The wasm backend has no such kernel of its own. */
export const conv2dBackpropFilter: NativeKernel<Inputs, Conv2DBackpropFilterAttrs> = {
  kernelName: "Conv2DBackpropFilter",
  serves: isFloatNhwc,
  compute({ inputs: { x, dy }, attrs, backend, runner }): TensorInfo {
    const info = backend_util.computeConv2DInfo(
      x.shape as [number, number, number, number],
      attrs.filterShape,
      attrs.strides,
      1,
      attrs.pad,
      attrs.dimRoundingMode,
    );
    const dw = backend.makeOutput(info.filterShape, "float32");
    weightGradient(runner, info, {
      x: addressOf(backend, x),
      dy: addressOf(backend, dy),
      dw: addressOf(backend, dw),
    });
    return dw;
  },
};
