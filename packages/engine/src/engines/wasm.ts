import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import type { EngineDriver } from "../engine-driver.js";
import { KernelRunner, runnerOf, setRunner } from "../wasm/kernel-runner.js";
import { registerWasmKernels } from "../wasm/register-wasm-kernels.js";
import { createBackend, loadTensorflowWasm } from "../wasm/tensorflow-wasm.js";
import { cpuModel } from "./cpu.js";

/** The embedded default: TensorFlow.js's WebAssembly backend with our training kernels and helper threads. */
export const wasmEngine: EngineDriver = {
  name: "wasm",
  async probe() {
    return { available: true, detail: "WebAssembly with SIMD and threads, embedded" };
  },
  async start({ threads }) {
    const wasm = await import("@tensorflow/tfjs-backend-wasm");
    const running = tf.engine().registry.wasm;
    if (!running || !runnerOf(running)) {
      // 4 GiB is what a 32-bit heap can have; only what is used is ever backed by memory.
      const memory = new WebAssembly.Memory({ initial: 256, maximum: 65536, shared: true });
      const module = await loadTensorflowWasm(memory);
      wasm.setThreadsCount(1);
      tf.removeBackend("wasm");
      tf.registerBackend(
        "wasm",
        () => {
          const backend = createBackend(module, wasm.BackendWasm);
          const heap = { malloc: (bytes: number): number => module._malloc(bytes), free: module._free };
          setRunner(backend, new KernelRunner(memory, heap));
          return backend;
        },
        2,
      );
    }
    if (!(await tf.setBackend("wasm")))
      throw new CslError("failed", "TensorFlow.js could not start its wasm backend");
    registerWasmKernels();
    const runner = runnerOf(tf.backend())!;
    runner.setThreads(threads);
    return {
      device: `${cpuModel()}, ${threads} ${threads === 1 ? "thread" : "threads"}`,
      version: `tfjs-backend-wasm ${wasm.version_wasm}`,
      stop: () => runner.setThreads(1),
    };
  },
};
