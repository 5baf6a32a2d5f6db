import {
  CslAbn,
  type CslAbnAttrs,
  CslAbnGrad,
  type CslAbnGradAttrs,
  type CslAbnGradInputs,
  CslAbnInference,
  type CslAbnInferenceAttrs,
  type CslAbnInferenceInputs,
  type CslAbnInputs,
} from "@csl/internal/kernels/named-kernels";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelRunner } from "../kernel-runner.js";
import { addressOf, type NativeKernel, shareRows } from "../native-kernel.js";
import { Task } from "../task.js";

// The named kernels of @csl/tresnet (its KERNELS.md is the contract), fused.

/** Rows summed in float32 before float64 takes over. */
const rowsPerSlab = 512;

/** [y, batch mean, biased batch variance]. */
export const abn: NativeKernel<CslAbnInputs, CslAbnAttrs> = {
  kernelName: CslAbn,
  compute({ inputs: { x, weight, bias }, attrs: { epsilon, slope }, backend, runner }) {
    const [channels, rows] = channelsAndRows(x);
    const y = backend.makeOutput(x.shape, "float32");
    const mean = backend.makeOutput(weight.shape, "float32");
    const variance = backend.makeOutput(weight.shape, "float32");
    const at = (tensor: TensorInfo): number => addressOf(backend, tensor);
    const { items: slabs, rowsPerItem } = slabsOf(runner, rows, channels);
    const partial = runner.workspace(4 * channels * (2 * slabs + 2));
    const scale = partial + 4 * channels * 2 * slabs;
    const shift = scale + 4 * channels;
    runner.run(Task.channelMoments, slabs, [at(x), partial, rows, channels, rowsPerItem]);
    runner.run(
      Task.abnStatistics,
      1,
      [at(x), partial, slabs, channels, rows, at(weight), at(bias), at(mean), at(variance), scale, shift],
      [epsilon],
    );
    apply(runner, { x: at(x), y: at(y), scale, shift, rows, channels, slope });
    return [y, mean, variance];
  },
};

/** The same with given statistics. */
export const abnInference: NativeKernel<CslAbnInferenceInputs, CslAbnInferenceAttrs> = {
  kernelName: CslAbnInference,
  compute({ inputs: { x, weight, bias, mean, variance }, attrs: { epsilon, slope }, backend, runner }) {
    const [channels, rows] = channelsAndRows(x);
    const y = backend.makeOutput(x.shape, "float32");
    const at = (tensor: TensorInfo): number => addressOf(backend, tensor);
    const scale = runner.workspace(8 * channels);
    const shift = scale + 4 * channels;
    runner.run(
      Task.abnAffine,
      1,
      [channels, 0, at(weight), at(bias), at(mean), at(variance), scale, shift],
      [epsilon],
    );
    apply(runner, { x: at(x), y: at(y), scale, shift, rows, channels, slope });
    return y;
  },
};

/** [dx, dweight, dbias] from the activated output. */
export const abnGrad: NativeKernel<CslAbnGradInputs, CslAbnGradAttrs> = {
  kernelName: CslAbnGrad,
  compute({ inputs: { dy, y, weight, bias, variance }, attrs: { epsilon, slope, frozen }, backend, runner }) {
    const [channels, rows] = channelsAndRows(y);
    const dx = backend.makeOutput(y.shape, "float32");
    const dweight = backend.makeOutput(weight.shape, "float32");
    const dbias = backend.makeOutput(bias.shape, "float32");
    const at = (tensor: TensorInfo): number => addressOf(backend, tensor);
    const { items: slabs, rowsPerItem } = slabsOf(runner, rows, channels);
    const partial = runner.workspace(4 * channels * (2 * slabs + 3));
    const factor = partial + 4 * channels * 2 * slabs;
    const alongX = factor + 4 * channels;
    const constant = alongX + 4 * channels;
    runner.run(
      Task.abnGradientSums,
      slabs,
      [at(dy), at(y), at(bias), partial, rows, channels, rowsPerItem],
      [slope, 1 / slope],
    );
    const parameters = [at(weight), at(variance), at(dweight), at(dbias)];
    runner.run(
      Task.abnGradientFactors,
      1,
      [partial, slabs, channels, rows, ...parameters, factor, alongX, constant, frozen ? 1 : 0],
      [epsilon],
    );
    const share = shareRows(runner, rows, channels);
    runner.run(
      Task.abnGradientApply,
      share.items,
      [at(dy), at(y), at(dx), factor, alongX, constant, rows, channels, share.rowsPerItem, at(bias)],
      [slope, 1 / slope],
    );
    return [dx, dweight, dbias];
  },
};

interface Affine {
  x: number;
  y: number;
  scale: number;
  shift: number;
  rows: number;
  channels: number;
  slope: number;
}

function apply(runner: KernelRunner, { x, y, scale, shift, rows, channels, slope }: Affine): void {
  const { items, rowsPerItem } = shareRows(runner, rows, channels);
  runner.run(Task.abnApply, items, [x, y, scale, shift, rows, channels, rowsPerItem], [slope]);
}

function channelsAndRows({ shape }: TensorInfo): [channels: number, rows: number] {
  const channels = shape.at(-1) ?? 1;
  return [channels, shape.slice(0, -1).reduce((a, b) => a * b, 1)];
}

function slabsOf(
  runner: KernelRunner,
  rows: number,
  channels: number,
): { items: number; rowsPerItem: number } {
  const rowsPerItem = Math.min(rowsPerSlab, shareRows(runner, rows, channels).rowsPerItem);
  return { items: Math.ceil(rows / rowsPerItem), rowsPerItem };
}
