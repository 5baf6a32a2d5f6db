import { plainKernels, relaxedKernels } from "./compiled-kernels.js";

interface KernelExports {
  runJob(block: number, task: number, items: number, threads: number): void;
  setScratch(address: number): void;
  setThreads(block: number, threads: number): void;
}

export interface LoadedKernels {
  module: WebAssembly.Module;
  /** Of the instance for the calling thread. */
  exports: KernelExports;
}

/** Our kernels on a memory, with fused multiply-add where WebAssembly has relaxed SIMD. */
export async function loadKernels(memory: WebAssembly.Memory): Promise<LoadedKernels> {
  const relaxed = bytesOf(relaxedKernels);
  const module = await WebAssembly.compile(WebAssembly.validate(relaxed) ? relaxed : bytesOf(plainKernels));
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  return { module, exports: exports as unknown as KernelExports };
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
