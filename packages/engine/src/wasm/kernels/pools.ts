import {
  CslBlurPool,
  type CslBlurPoolAttrs,
  CslBlurPoolGrad,
  type CslBlurPoolGradAttrs,
  type CslBlurPoolGradInputs,
  type CslBlurPoolInputs,
  CslCeilAvgPool,
  type CslCeilAvgPoolAttrs,
  CslCeilAvgPoolGrad,
  type CslCeilAvgPoolGradAttrs,
  type CslCeilAvgPoolGradInputs,
  type CslCeilAvgPoolInputs,
} from "@csl/internal/kernels/named-kernels";
import { scratchBytes } from "../kernel-runner.js";
import { addressOf, type NativeKernel } from "../native-kernel.js";
import { Task } from "../task.js";

type Shape = CslBlurPoolAttrs["inputShape"];

/** A kernel from [b,h,w,c] to [b,⌈h/2⌉,⌈w/2⌉,c], one output row an item. */
function halving(kernelName: string, task: Task): NativeKernel<CslBlurPoolInputs, CslBlurPoolAttrs> {
  return {
    kernelName,
    serves: ({ x }) => fitsRow(x.shape as Shape),
    compute({ inputs: { x }, backend, runner }) {
      const [batch, height, width, channels] = x.shape as Shape;
      const rows = Math.ceil(height / 2);
      const y = backend.makeOutput([batch, rows, Math.ceil(width / 2), channels], "float32");
      const addresses = [addressOf(backend, x), addressOf(backend, y)];
      runner.run(task, batch * rows, [...addresses, height, width, channels]);
      return y;
    },
  };
}

/** Its gradient, one row of dx an item. */
function halvingGrad(
  kernelName: string,
  task: Task,
): NativeKernel<CslBlurPoolGradInputs, CslBlurPoolGradAttrs> {
  return {
    kernelName,
    serves: (_, { inputShape }) => fitsRow(inputShape),
    compute({ inputs: { dy }, attrs: { inputShape }, backend, runner }) {
      const [batch, height, width, channels] = inputShape;
      const dx = backend.makeOutput(inputShape, "float32");
      const addresses = [addressOf(backend, dy), addressOf(backend, dx)];
      runner.run(task, batch * height, [...addresses, height, width, channels]);
      return dx;
    },
  };
}

const fitsRow = ([, , width, channels]: Shape): boolean => width * channels * 4 <= scratchBytes;

/** [1,2,1] x [1,2,1] / 16, reflect padding, stride 2. */
export const blurPool: NativeKernel<CslBlurPoolInputs, CslBlurPoolAttrs> = halving(
  CslBlurPool,
  Task.blurPool,
);
export const blurPoolGrad: NativeKernel<CslBlurPoolGradInputs, CslBlurPoolGradAttrs> = halvingGrad(
  CslBlurPoolGrad,
  Task.blurPoolGradient,
);

/** Mean over 2 x 2 with stride 2; at an odd edge over what is there. */
export const ceilAvgPool: NativeKernel<CslCeilAvgPoolInputs, CslCeilAvgPoolAttrs> = halving(
  CslCeilAvgPool,
  Task.averagePool,
);
export const ceilAvgPoolGrad: NativeKernel<CslCeilAvgPoolGradInputs, CslCeilAvgPoolGradAttrs> = halvingGrad(
  CslCeilAvgPoolGrad,
  Task.averagePoolGradient,
);
