import { CslError } from "@csl/internal/errors/csl-error";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";

/** What the backend and we use of TensorFlow.js's compiled module. */
export interface TensorflowModule {
  _malloc(bytes: number): number;
  _free(address: number): void;
  cwrap(name: string, result: string | null, parameters: string[]): (...args: unknown[]) => unknown;
  tfjs?: Record<string, unknown>;
}

/** The function that its JavaScript file exports. */
export type TensorflowFactory = (config: object) => Promise<TensorflowModule>;

/**
 * Starts the multi-threaded SIMD build of TensorFlow.js's wasm module on a shared memory of our own, so that our
 * kernels and their helper threads work on the same heap. The backend's own loader never takes that build in Node
 * (tensorflow/tfjs#3830), nor on a page that shares memory with nobody, and keeps the memory to itself.
 *
 * The module wants eight worker threads for XNNPACK at once; it is given stand-ins, because XNNPACK runs on the
 * calling thread only and the parallel work is ours.
 *
 * @param file of the module: its path, or its address
 */
export function startTensorflowWasm(
  factory: TensorflowFactory,
  { memory, file }: { memory: WebAssembly.Memory; file: string },
): Promise<TensorflowModule> {
  const worker = Object.getOwnPropertyDescriptor(globalThis, "Worker");
  // In Node the module assigns to globalThis.Worker. It constructs its workers before it returns.
  Object.defineProperty(globalThis, "Worker", {
    configurable: true,
    get: () => StandInWorker,
    set: () => {},
  });
  try {
    return factory({ wasmMemory: memory, locateFile: () => file });
  } finally {
    if (worker) Object.defineProperty(globalThis, "Worker", worker);
    else Reflect.deleteProperty(globalThis, "Worker");
  }
}

/** Makes the module's malloc throw where it would return 0, which the backend takes for an address. */
function failLoudly(module: TensorflowModule): void {
  module._free(module._malloc(16)); // at its first call Emscripten puts another function in its own place
  const malloc = module._malloc;
  module._malloc = (bytes) => {
    const address = malloc(bytes) >>> 0;
    if (address === 0 && bytes !== 0) {
      throw new CslError(
        "unsupported",
        `wasm: expected memory for ${Math.ceil(bytes / 2 ** 20)} MiB on the heap, which ends at 4 GiB. ` +
          "Use a smaller batch or smaller images, or an engine without that limit.",
      );
    }
    return address;
  };
}

/** Gives the module the functions that TensorFlow.js's own loader gives it (backend_wasm.ts, init). */
export function createBackend(module: TensorflowModule, Backend: typeof BackendWasm): BackendWasm {
  failLoudly(module);
  module.tfjs = {
    init: module.cwrap("init", null, []),
    initWithThreadsCount: module.cwrap("init_with_threads_count", null, ["number"]),
    getThreadsCount: module.cwrap("get_threads_count", "number", []),
    registerTensor: module.cwrap("register_tensor", null, ["number", "number", "number"]),
    disposeData: module.cwrap("dispose_data", null, ["number"]),
    dispose: module.cwrap("dispose", null, []),
  };
  return new Backend(module as never);
}

class StandInWorker {
  onmessage?: (event: { data: { cmd: string } }) => void;
  postMessage({ cmd }: { cmd: string }): void {
    if (cmd === "load") queueMicrotask(() => this.onmessage?.({ data: { cmd: "loaded" } }));
  }
  on(): void {}
  ref(): void {}
  unref(): void {}
  terminate(): void {}
}
