import {
  CslAddRelu,
  type CslAddReluAttrs,
  CslAddReluGrad,
  type CslAddReluGradAttrs,
  type CslAddReluGradInputs,
  type CslAddReluInputs,
  CslRunningUpdate,
  type CslRunningUpdateAttrs,
  type CslRunningUpdateInputs,
} from "@csl/internal/kernels/named-kernels";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { addressOf, type NativeKernel, shareRows } from "../native-kernel.js";
import { Task } from "../task.js";

const sameShape = (a: TensorInfo, b: TensorInfo): boolean => tf.util.arraysEqual(a.shape, b.shape);

/** Three tensors of one shape, the last of them made here: what all kernels of this file are. */
function pairwise<Name extends string, Attrs>(
  kernelName: string,
  task: Task,
  [first, second]: [Name, Name],
  floats: (attrs: Attrs) => number[] = () => [],
): NativeKernel<Record<Name, TensorInfo>, Attrs> {
  return {
    kernelName,
    serves: (inputs) => sameShape(inputs[first], inputs[second]),
    compute({ inputs, attrs, backend, runner }) {
      const [a, b] = [inputs[first], inputs[second]];
      const out = backend.makeOutput(a.shape, "float32");
      const count = tf.util.sizeFromShape(a.shape);
      const { items, rowsPerItem } = shareRows(runner, count, 1);
      const addresses = [a, b, out].map((tensor) => addressOf(backend, tensor));
      runner.run(task, items, [...addresses, count, rowsPerItem], floats(attrs));
      return out;
    },
  };
}

/** max(a + b, 0). */
export const addRelu: NativeKernel<CslAddReluInputs, CslAddReluAttrs> = pairwise(CslAddRelu, Task.addRelu, [
  "a",
  "b",
]);

/** dy where y > 0. */
export const addReluGrad: NativeKernel<CslAddReluGradInputs, CslAddReluGradAttrs> = pairwise(
  CslAddReluGrad,
  Task.addReluGradient,
  ["dy", "y"],
);

const weightedSum = pairwise<"running" | "batch", { keep: number; add: number }>(
  CslRunningUpdate,
  Task.weightedSum,
  ["running", "batch"],
  ({ keep, add }) => [keep, add],
);

/** running * keep + batch * add, for each pair of a list. */
export const runningUpdate: NativeKernel<CslRunningUpdateInputs, CslRunningUpdateAttrs> = {
  kernelName: CslRunningUpdate,
  compute({ inputs, attrs: { keep, add }, backend, runner }) {
    const tensors = Object.values(inputs);
    return add.flatMap((share, i) =>
      weightedSum.compute({
        inputs: { running: tensors[i]!, batch: tensors[i + add.length]! },
        attrs: { keep, add: share },
        backend,
        runner,
      }),
    );
  },
};
