import { forwardToCpu } from "@csl/internal/kernels/forward-to-cpu";
import { CslPartialLoss } from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import { kernelFamilies } from "./kernel-families.js";

/** They compute on the host. On a GPU, where each would move its tensors there and back, their callers compose them. */
const hostKernels: ReadonlySet<string> = new Set([CslPartialLoss]);

/**
 * Registers every kernel of the torch backend; calling it again does nothing. Kernels that only the cpu backend has are
 * forwarded to it, if it is there.
 */
export function registerTorchKernels({ cuda = false }: { cuda?: boolean } = {}): void {
  for (const kernel of Object.values(kernelFamilies).flat()) {
    if (cuda && hostKernels.has(kernel.kernelName)) continue;
    if (!tf.getKernel(kernel.kernelName, "torch")) tf.registerKernel(kernel);
  }
  for (const { kernelName } of tf.getKernelsForBackend("cpu")) {
    if (cuda && hostKernels.has(kernelName)) continue;
    if (!tf.getKernel(kernelName, "torch")) tf.registerKernel(forwardToCpu(kernelName, "torch"));
  }
}

/** The names of the kernels that the cpu backend computes for this one, of those that it has. */
export function forwardedKernels(): string[] {
  const own = new Set(Object.values(kernelFamilies).flatMap((family) => family.map((k) => k.kernelName)));
  return tf
    .getKernelsForBackend("cpu")
    .map(({ kernelName }) => kernelName)
    .filter((name) => !own.has(name))
    .sort();
}
