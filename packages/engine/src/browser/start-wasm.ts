import { CslError } from "@csl/internal/errors/csl-error";
import * as library from "@tensorflow/tfjs-backend-wasm";
import factory from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js";
import { browserThreads } from "../wasm/browser-threads.js";
import { startWasmBackend } from "../wasm/start-wasm-backend.js";
import { startTensorflowWasm, type TensorflowFactory } from "../wasm/tensorflow-wasm.js";
import type { BrowserDriver } from "./browser-driver.js";

/** WebAssembly with our training kernels; with helper threads on a page that is isolated from other origins. */
export const startWasm: BrowserDriver = async ({ wasmFile, threads }) => {
  if (wasmFile === undefined)
    throw new CslError(
      "unsupported",
      "it needs the option wasmFile: where tfjs-backend-wasm-threaded-simd.wasm of @tensorflow/tfjs-backend-wasm is served",
    );
  const used = globalThis.crossOriginIsolated ? threads : 1;
  const runner = await startWasmBackend(
    {
      host: browserThreads,
      library,
      startModule: (memory) =>
        startTensorflowWasm(factory as unknown as TensorflowFactory, { memory, file: String(wasmFile) }),
    },
    used,
  );
  const why = used < threads ? ", as the page is not isolated from other origins (COOP and COEP)" : "";
  return {
    device: `WebAssembly, ${used} ${used === 1 ? "thread" : "threads"}${why}`,
    stop: () => runner.setThreads(1),
  };
};
