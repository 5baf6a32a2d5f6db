import { CslAdam, type CslAdamAttrs, type CslAdamInputs } from "@csl/internal/kernels/named-kernels";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import { addressOf, type NativeKernel, shareRows } from "../native-kernel.js";
import { Task } from "../task.js";

/** One step over many parameters; every output is a new tensor. */
export const adam: NativeKernel<CslAdamInputs, CslAdamAttrs> = {
  kernelName: CslAdam,
  compute({ inputs, attrs, backend, runner }) {
    const tensors = Object.values(inputs);
    const { count, averaged, lr, beta1, beta2, epsilon, decoupled, correction1, correction2, emaDecay } =
      attrs;
    const outputs = Array.from({ length: averaged ? 4 : 3 }, () =>
      tensors.slice(0, count).map(({ shape }) => backend.makeOutput(shape, "float32")),
    ).flat();
    for (let i = 0; i < count; i++) {
      const decay = attrs.weightDecay[i] ?? 0;
      const size = util.sizeFromShape(tensors[i]!.shape);
      const { items, rowsPerItem } = shareRows(runner, size, 1);
      const from = column(backend, tensors, { count, at: i, columns: 5 });
      const to = column(backend, outputs, { count, at: i, columns: 4 });
      runner.run(
        Task.adam,
        items,
        [...from, ...to, size, rowsPerItem],
        [
          decoupled ? 0 : decay,
          1 - beta1,
          beta2,
          1 - beta2,
          lr / correction1,
          1 / Math.sqrt(correction2),
          epsilon,
          decoupled ? 1 - lr * decay : 1,
          emaDecay,
        ],
      );
    }
    return outputs;
  },
};

/** Addresses of tensors at, at + count, at + 2 * count, …; 0 where there is none. */
function column(
  backend: BackendWasm,
  tensors: readonly TensorInfo[],
  { count, at, columns }: { count: number; at: number; columns: number },
): number[] {
  return Array.from({ length: columns }, (_, k) => {
    const tensor = tensors[at + k * count];
    return tensor ? addressOf(backend, tensor) : 0;
  });
}
