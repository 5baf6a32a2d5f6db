import { backend_util, type Conv2DBackpropInputAttrs, type TensorInfo } from "@tensorflow/tfjs-core";
import { fitsGather, gatherConv } from "../conv-job.js";
import { isFloatNhwc } from "../is-float-nhwc.js";
import type { NativeKernel } from "../native-kernel.js";
import { addressOf } from "../wasm-heap.js";

type Inputs = { dy: TensorInfo; filter: TensorInfo };

/** Gradient of a convolution by its input: every input pixel gathers the output pixels that it went into. */
export const conv2dBackpropInput: NativeKernel<Inputs, Conv2DBackpropInputAttrs> = {
  kernelName: "Conv2DBackpropInput",
  serves: (inputs, attrs) => isFloatNhwc(inputs, attrs) && fitsGather(convInfo(inputs, attrs)),
  compute({ inputs, attrs, backend, runner }): TensorInfo {
    const info = convInfo(inputs, attrs);
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

function convInfo({ filter }: Inputs, attrs: Conv2DBackpropInputAttrs): backend_util.Conv2DInfo {
  return backend_util.computeConv2DInfo(
    attrs.inputShape,
    filter.shape as [number, number, number, number],
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
}
