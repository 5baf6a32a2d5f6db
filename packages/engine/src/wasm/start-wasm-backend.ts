import { CslError } from "@csl/internal/errors/csl-error";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { KernelRunner, runnerOf, setRunner } from "./kernel-runner.js";
import { loadKernels } from "./load-kernels.js";
import { registerWasmKernels } from "./register-wasm-kernels.js";
import { createBackend, type TensorflowModule } from "./tensorflow-wasm.js";
import type { ThreadHost } from "./thread-host.js";

/** How TensorFlow.js's wasm backend is had, in Node or in a browser. */
export interface WasmSource {
  host: ThreadHost;
  /** @tensorflow/tfjs-backend-wasm */
  library: {
    BackendWasm: typeof BackendWasm;
    setThreadsCount(threads: number): void;
  };
  startModule(memory: WebAssembly.Memory): Promise<TensorflowModule>;
}

/** Makes the wasm backend with our training kernels current, on so many threads; one that is running goes on. */
export async function startWasmBackend(source: WasmSource, threads: number): Promise<KernelRunner> {
  const running = tf.engine().registry.wasm;
  if (!running || !runnerOf(running)) await register(source);
  if (!(await tf.setBackend("wasm")))
    throw new CslError("failed", "TensorFlow.js could not start its wasm backend");
  registerWasmKernels();
  const runner = runnerOf(tf.backend())!;
  runner.setThreads(threads);
  return runner;
}

async function register({ host, library, startModule }: WasmSource): Promise<void> {
  // 4 GiB is what a 32-bit heap can have; only what is used is ever backed by memory.
  const memory = new WebAssembly.Memory({ initial: 256, maximum: 65536, shared: true });
  const module = await startModule(memory);
  const kernels = await loadKernels(memory);
  library.setThreadsCount(1);
  tf.removeBackend("wasm");
  tf.registerBackend(
    "wasm",
    () => {
      const backend = createBackend(module, library.BackendWasm);
      const heap = { malloc: (bytes: number): number => module._malloc(bytes), free: module._free };
      setRunner(backend, new KernelRunner(memory, heap, { kernels, host }));
      return backend;
    },
    2,
  );
}
