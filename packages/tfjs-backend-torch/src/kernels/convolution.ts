import * as tf from "@tensorflow/tfjs-core";
import { defineKernel, type Scope } from "../define-kernel.js";
import { activate } from "./activation.js";
import {
  type ConvAttributes,
  type Convolution,
  convolutionOf,
  filterShapeOihw,
  fromNchw,
  fromOihw,
  geometry,
  paddedNchw,
  paddedShape,
  placeholder,
  toNchw,
  toOihw,
} from "./convolution-geometry.js";

interface ConvInputs {
  x: tf.TensorInfo;
  filter: tf.TensorInfo;
  bias?: tf.TensorInfo;
  preluActivationWeights?: tf.TensorInfo;
}

/** TensorFlow.js's names for the plain and the depthwise form of each kernel. */
const forms = [
  { depthwise: false, forward: "Conv2D", fused: "FusedConv2D", gradient: "Conv2DBackprop" },
  {
    depthwise: true,
    forward: "DepthwiseConv2dNative",
    fused: "FusedDepthwiseConv2D",
    gradient: "DepthwiseConv2dNativeBackprop",
  },
];

/** Convolutions and their gradients. NHWC data seen as NCHW is libtorch's channels-last: no copy on either side. */
export const convolutionKernels: tf.KernelConfig[] = forms.flatMap(
  ({ depthwise, forward, fused, gradient }) => [
    defineKernel<ConvInputs, ConvAttributes>(forward, ({ x, filter }, attrs, scope) => {
      const convolution = convolutionOf(x.shape, filter.shape, attrs, depthwise);
      const result = convolve({ x, filter }, null, convolution, scope);
      return scope.keep(result, convolution.info.outShape, "float32");
    }),
    defineKernel<ConvInputs, ConvAttributes>(
      fused,
      ({ x, filter, bias, preluActivationWeights }, attrs, scope) => {
        const convolution = convolutionOf(x.shape, filter.shape, attrs, depthwise);
        const { outChannels, outShape } = convolution.info;
        const perChannel = bias !== undefined && tf.util.sizeFromShape(bias.shape) === outChannels;
        const result = convolve(
          { x, filter },
          perChannel ? scope.op("reshape", scope.float(bias), [-1]) : null,
          convolution,
          scope,
        );
        const biased = bias && !perChannel ? scope.op("add.Tensor", result, scope.of(bias)) : result;
        const alpha = preluActivationWeights && perChannelOf(preluActivationWeights, convolution, scope);
        return scope.keep(activate(biased, attrs, scope, alpha), outShape, "float32");
      },
    ),
    defineKernel<{ x: tf.TensorInfo; dy: tf.TensorInfo }, ConvAttributes>(
      `${gradient}Filter`,
      ({ x, dy }, attrs, scope) => {
        const convolution = convolutionOf(x.shape, attrs.filterShape, attrs, depthwise);
        const input = paddedNchw(scope.float(x), convolution, scope);
        const weight = placeholder(filterShapeOihw(convolution), scope);
        const [, dw] = backward(dy, input, weight, [false, true, false], convolution, scope);
        return scope.keep(fromOihw(dw!, convolution, scope), attrs.filterShape, "float32");
      },
    ),
    defineKernel<{ dy: tf.TensorInfo; filter: tf.TensorInfo }, ConvAttributes>(
      `${gradient}Input`,
      ({ dy, filter }, attrs, scope) => {
        const convolution = convolutionOf(attrs.inputShape, filter.shape, attrs, depthwise);
        const input = placeholder(paddedShape(convolution), scope);
        const weight = toOihw(scope.float(filter), convolution, scope);
        const [dx] = backward(dy, input, weight, [true, false, false], convolution, scope);
        return scope.keep(
          fromNchw(withoutPadding(dx!, convolution, scope), convolution, scope),
          convolution.info.inShape,
          "float32",
        );
      },
    ),
  ],
);

function convolve(
  { x, filter }: ConvInputs,
  bias: number | null,
  convolution: Convolution,
  scope: Scope,
): number {
  const input = paddedNchw(scope.float(x), convolution, scope);
  const weight = toOihw(scope.float(filter), convolution, scope);
  return fromNchw(scope.op("convolution", input, weight, bias, ...geometry(convolution)), convolution, scope);
}

function backward(
  dy: tf.TensorInfo,
  input: number,
  weight: number,
  mask: boolean[],
  convolution: Convolution,
  scope: Scope,
): number[] {
  return scope.ops(
    "convolution_backward",
    gradientNchw(dy, convolution, scope),
    input,
    weight,
    null,
    ...geometry(convolution),
    mask,
  );
}

/**
 * dy as [N, C, H, W]. A transposed convolution may be given more than the convolution that it transposes would have put
 * out; TensorFlow.js leaves the surplus aside.
 */
function gradientNchw(dy: tf.TensorInfo, convolution: Convolution, scope: Scope): number {
  const { outHeight, outWidth, outShape } = convolution.info;
  const nchw = toNchw(scope.float(dy), convolution, scope);
  if (tf.util.arraysEqual(dy.shape, outShape)) return nchw;
  return scope.op("narrow", scope.op("narrow", nchw, 2, 0, outHeight), 3, 0, outWidth);
}

/** One number for each channel, where it meets [N, C, H, W] or [N, H, W, C]. */
function perChannelOf(weights: tf.TensorInfo, { channelsFirst }: Convolution, { op, of }: Scope): number {
  return channelsFirst && weights.shape.length === 1 ? op("reshape", of(weights), [-1, 1, 1]) : of(weights);
}

/** Takes off what `paddedNchw` laid on. */
function withoutPadding(dx: number, { symmetric, padding }: Convolution, { op }: Scope): number {
  if (symmetric) return dx;
  return op(
    "constant_pad_nd",
    dx,
    padding.map((side) => -side),
    0,
  );
}
