import type * as tf from "@tensorflow/tfjs-core";
import { defineKernel, type Scope } from "../define-kernel.js";
import { convolutionKernels as generalKernels } from "../kernels/convolution.js";
import { type ConvAttributes, type Convolution, convolutionOf } from "../kernels/convolution-geometry.js";

type Named = Record<"x" | "dy" | "filter", tf.TensorInfo> &
  Partial<Record<"bias" | "preluActivationWeights", tf.TensorInfo>>;

/** Activations that the fused convolution ends with, as a leaky slope. */
const slopes: Readonly<Record<string, (alpha: number) => number>> = {
  linear: () => 1,
  relu: () => 0,
  leakyrelu: (alpha) => alpha,
};

/**
 * Convolutions over binding/fused-conv.cc, which prepares filters once, stores activations as the precision says and
 * makes the filter's gradient in TensorFlow.js's order. What it does not know (NCHW, groups, one-sided padding, prelu)
 * goes to the general kernels.
 */
export const convolutionKernels: tf.KernelConfig[] = [
  orGeneral("Conv2D", ({ x, filter }, attrs, scope) => {
    const convolution = convolutionOf(x.shape, filter.shape, attrs, false);
    if (!fits(convolution)) return undefined;
    const { fused, stored, of, keep } = scope;
    const [y] = fused("conv", [stored(x), of(filter), undefined], [...geometry(convolution, scope), 1]);
    return keep(y!, convolution.info.outShape, "float32");
  }),
  orGeneral("FusedConv2D", ({ x, filter, bias, preluActivationWeights }, attrs, scope) => {
    const { activation = "linear", leakyreluAlpha = 0.2 } = attrs;
    const convolution = convolutionOf(x.shape, filter.shape, attrs, false);
    const slope = slopes[activation]?.(leakyreluAlpha);
    const { outChannels, outShape } = convolution.info;
    const perChannel = !bias || (bias.shape.at(-1) === outChannels && size(bias.shape) === outChannels);
    if (!fits(convolution) || slope === undefined || !perChannel || preluActivationWeights) return undefined;
    const { fused, stored, of, keep } = scope;
    const tensors = [stored(x), of(filter), bias && of(bias)];
    const [y] = fused("conv", tensors, [...geometry(convolution, scope), slope]);
    return keep(y!, outShape, "float32");
  }),
  orGeneral("Conv2DBackpropInput", ({ dy, filter }, attrs, scope) => {
    const convolution = convolutionOf(attrs.inputShape, filter.shape, attrs, false);
    const { outShape, inShape } = convolution.info;
    // A transposed convolution may be given more than the convolution would have put out.
    if (!fits(convolution) || outShape.some((side, i) => side !== dy.shape[i])) return undefined;
    const { fused, stored, of, keep } = scope;
    const [dx] = fused("convInput", [stored(dy), of(filter)], [...geometry(convolution, scope), ...inShape]);
    return keep(dx!, inShape, "float32");
  }),
  orGeneral("Conv2DBackpropFilter", ({ x, dy }, attrs, scope) => {
    const { filterShape } = attrs;
    const convolution = convolutionOf(x.shape, filterShape, attrs, false);
    const { outShape } = convolution.info;
    // The loops believe that dy is what this convolution puts out.
    if (!fits(convolution) || outShape.some((side, i) => side !== dy.shape[i])) return undefined;
    const { fused, stored, keep } = scope;
    const [dw] = fused(
      "convFilter",
      [stored(x), stored(dy)],
      [...geometry(convolution, scope), filterShape[0], filterShape[1]],
    );
    return keep(dw!, filterShape, "float32");
  }),
];

type Body = (inputs: Named, attrs: ConvAttributes, scope: Scope) => tf.TensorInfo | undefined;

function orGeneral(kernelName: string, body: Body): tf.KernelConfig {
  const general = generalKernels.find((kernel) => kernel.kernelName === kernelName)!;
  let declined = false;
  const own = defineKernel<Named, ConvAttributes>(kernelName, (inputs, attrs, scope) => {
    const result = body(inputs, attrs, scope);
    declined = result === undefined;
    return result ?? [];
  });
  return {
    ...own,
    kernelFunc: (call) => {
      declined = false;
      const result = own.kernelFunc(call);
      return declined ? general.kernelFunc(call) : result;
    },
  };
}

function fits({ info, channelsFirst, symmetric }: Convolution): boolean {
  return !channelsFirst && symmetric && info.inChannels === info.filterShape[2] && info.batchSize > 0;
}

/** stride, padding, dilation, and whether activations are reduced. */
function geometry({ info, padding }: Convolution, { backend }: Scope): number[] {
  return [
    info.strideHeight,
    info.strideWidth,
    padding[2],
    padding[0],
    info.dilationHeight,
    info.dilationWidth,
    backend.precision === "bf16" ? 1 : 0,
  ];
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
