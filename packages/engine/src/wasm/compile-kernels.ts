import { setFlagsFromString } from "node:v8";
import { plainKernels, relaxedKernels } from "./compiled-kernels.js";

/**
 * Compiles our kernels, with fused multiply-add where the engine can be brought to offer it. V8 has relaxed SIMD on
 * by default since Node 21; Node 20 has it behind a flag that may be set while running, before the compilation.
 */
export function compileKernels(): WebAssembly.Module {
  const relaxed = Buffer.from(relaxedKernels, "base64");
  if (!WebAssembly.validate(relaxed)) setFlagsFromString("--experimental-wasm-relaxed-simd");
  return new WebAssembly.Module(
    WebAssembly.validate(relaxed) ? relaxed : Buffer.from(plainKernels, "base64"),
  );
}
