import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";

/** What the backend and we use of TensorFlow.js's compiled module. */
export interface TensorflowModule {
  _malloc(bytes: number): number;
  _free(address: number): void;
  cwrap(name: string, result: string | null, parameters: string[]): (...args: unknown[]) => unknown;
  tfjs?: Record<string, unknown>;
}

/**
 * Loads the multi-threaded SIMD build of TensorFlow.js's wasm module on a shared memory of our own, so that our
 * kernels and their helper threads work on the same heap. The backend's own loader never takes that build in Node
 * (tensorflow/tfjs#3830) and keeps the memory to itself.
 *
 * The module wants eight worker threads for XNNPACK at once; it is given stand-ins, because XNNPACK runs on the
 * calling thread only and the parallel work is ours.
 */
export async function loadTensorflowWasm(memory: WebAssembly.Memory): Promise<TensorflowModule> {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "wasm-out");
  const factory = require(join(folder, "tfjs-backend-wasm-threaded-simd.js")) as (
    config: object,
  ) => Promise<TensorflowModule>;
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = new Map(events.map((event) => [event, new Set<unknown>(process.listeners(event as never))]));

  const worker = Object.getOwnPropertyDescriptor(globalThis, "Worker");
  // The module assigns to globalThis.Worker, then constructs its workers before it returns.
  Object.defineProperty(globalThis, "Worker", {
    configurable: true,
    get: () => StandInWorker,
    set: () => {},
  });
  let loading: Promise<TensorflowModule>;
  try {
    loading = factory({ wasmMemory: memory, locateFile: (path: string) => join(folder, path) });
  } finally {
    if (worker) Object.defineProperty(globalThis, "Worker", worker);
    else Reflect.deleteProperty(globalThis, "Worker");
  }
  // It also adds handlers that rethrow whatever is uncaught, from its one 50 kB line: they would hide every error
  // message of the program.
  for (const event of events) {
    for (const listener of process.listeners(event as never)) {
      if (!before.get(event)!.has(listener)) process.removeListener(event, listener);
    }
  }
  return loading;
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
