import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";

/** TensorFlow.js's kernels that the networks use where no named kernel replaces them. */
export const neededKernels: Record<"inference" | "training", readonly string[]> = {
  inference: [
    ...["Abs", "Add", "AvgPool", "BatchMatMul", "Cast", "Conv2D", "DepthwiseConv2dNative", "ExpandDims"],
    ...["FusedBatchNorm", "LeakyRelu", "Max", "Mean", "MirrorPad", "Multiply", "Relu", "Reshape", "Rsqrt"],
    ...["Sigmoid", "Slice", "Softmax", "Square", "Sub", "Tile", "Transpose"],
  ],
  training: [
    ...["Abs", "Add", "AvgPool", "BatchMatMul", "Cast", "Concat", "Conv2D", "Conv2DBackpropFilter"],
    ...["Conv2DBackpropInput", "DepthwiseConv2dNative", "ExpandDims", "Floor", "FusedBatchNorm"],
    ...["GreaterEqual", "Identity", "LeakyRelu", "Less", "Max", "Mean", "MirrorPad", "Multiply", "PadV2"],
    ...["RealDiv", "Relu", "Reshape", "Rsqrt", "Sigmoid", "Slice", "Softmax", "Square", "SquaredDifference"],
    ...["Step", "Sub", "Sum", "Tile", "Transpose"],
  ],
};

const complete = new Set<string>();

/**
 * Says at the first call what would otherwise fail in the middle of a step.
 *
 * @throws CslError `unsupported` listing the kernels that a backend lacks
 */
export function checkKernels(backendName: string, { training }: { training: boolean }): void {
  const purpose = training ? "training" : "inference";
  const key = `${backendName} ${purpose}`;
  if (complete.has(key)) return;
  const missing = neededKernels[purpose].filter((name) => !tf.getKernel(name, backendName));
  if (missing.length > 0)
    throw new CslError(
      "unsupported",
      `tresnet: expected a backend with all kernels for ${purpose}, got ${backendName} without ${missing.join(", ")}. ` +
        "Start it by startEngine of @csl/engine (in a browser of @csl/engine/browser), which brings them, or take another backend.",
    );
  complete.add(key);
}
