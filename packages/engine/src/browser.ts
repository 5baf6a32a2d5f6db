export type { BrowserEngineName } from "./browser/browser-driver.js";
export { type BrowserEngine, type BrowserEngineOptions, startEngine } from "./browser/start-engine.js";
export { registerWasmKernels } from "./wasm/register-wasm-kernels.js";
export { registerWebgpuKernels } from "./webgpu/register-webgpu-kernels.js";
