import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setFlagsFromString } from "node:v8";
import type { EngineDriver } from "../engine-driver.js";
import { nodeThreads } from "../wasm/node-threads.js";
import { startWasmBackend } from "../wasm/start-wasm-backend.js";
import {
  startTensorflowWasm,
  type TensorflowFactory,
  type TensorflowModule,
} from "../wasm/tensorflow-wasm.js";
import { cpuModel } from "./cpu.js";

/** The embedded default: TensorFlow.js's WebAssembly backend with our training kernels and helper threads. */
export const wasmEngine: EngineDriver = {
  name: "wasm",
  async probe() {
    return { available: true, detail: "WebAssembly with SIMD and threads, embedded" };
  },
  async start({ threads }) {
    // V8 has relaxed SIMD on by default since Node 21; Node 20 has it behind a flag that may be set before the compilation.
    if (process.versions.node.startsWith("20.")) setFlagsFromString("--experimental-wasm-relaxed-simd");
    const library = await import("@tensorflow/tfjs-backend-wasm");
    const runner = await startWasmBackend({ host: nodeThreads, library, startModule }, threads);
    return {
      device: `${cpuModel()}, ${threads} ${threads === 1 ? "thread" : "threads"}`,
      version: `tfjs-backend-wasm ${library.version_wasm}`,
      stop: () => runner.setThreads(1),
    };
  },
};

function startModule(memory: WebAssembly.Memory): Promise<TensorflowModule> {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "wasm-out");
  const name = "tfjs-backend-wasm-threaded-simd";
  const factory = require(join(folder, `${name}.js`)) as TensorflowFactory;
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = new Map(events.map((event) => [event, new Set<unknown>(process.listeners(event as never))]));
  const loading = startTensorflowWasm(factory, { memory, file: join(folder, `${name}.wasm`) });
  // The module adds handlers that rethrow whatever is uncaught, from its one 50 kB line: they would hide every error
  // message of the program.
  for (const event of events)
    for (const listener of process.listeners(event as never))
      if (!before.get(event)!.has(listener)) process.removeListener(event, listener);
  return loading;
}
