import type { Image } from "../image.js";
import { type KernelExports, type Kernels, threadKernels } from "./kernels.js";

/**
 * A new image of the same size by kernels that read `from` and write `to`; undefined where there are none, or the
 * image is too large for them: plain TypeScript does the same then.
 */
export function imageStep(
  { data, width, height }: Image,
  run: (kernels: KernelExports, from: number, to: number) => void,
): Image | undefined {
  const kernels = threadKernels();
  const out = kernels?.step(data, data.length, (from, to) => run(kernels.run, from, to));
  return out && { data: out, width, height };
}

/** As `imageStep` with `table` in memory, too. */
export function tableStep(
  { data, width, height }: Image,
  table: Uint8Array,
  run: (kernels: KernelExports, from: number, to: number, table: number) => void,
): Image | undefined {
  const kernels = threadKernels();
  const out = kernels?.step(
    data,
    data.length,
    (from, to, at) => {
      kernels.bytes.set(table, at);
      run(kernels.run, from, to, at);
    },
    table.length,
  );
  return out && { data: out, width, height };
}

/** Reads something off an image with `scratch` bytes to work in; undefined as `imageStep`. */
export function measureStep<T>(
  { data }: Image,
  scratch: number,
  run: (kernels: Kernels, from: number, at: number) => T,
): T | undefined {
  const kernels = threadKernels();
  let result: T | undefined;
  kernels?.step(
    data,
    0,
    (from, _, at) => {
      result = run(kernels, from, at);
    },
    scratch,
  );
  return result;
}
