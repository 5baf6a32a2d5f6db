import type { KernelBackend } from "@tensorflow/tfjs-core";

/** The backends of a browser, in TensorFlow.js's own order. */
export const browserEngineNames = ["webgpu", "webgl", "wasm", "cpu"] as const;

export type BrowserEngineName = (typeof browserEngineNames)[number];

/** What a page brings for the engines that need more than this package. */
export interface PageParts {
  /** The package @tensorflow/tfjs-backend-webgpu, as imported. */
  webgpu?: { WebGPUBackend: new (...parts: never[]) => KernelBackend };
  /** Where tfjs-backend-wasm-threaded-simd.wasm of @tensorflow/tfjs-backend-wasm is served. */
  wasmFile?: string | URL;
  threads: number;
  /** Whether the engine was asked for by name: then a CPU that plays a GPU will do. */
  byName: boolean;
}

/** Makes its backend the current one and says what it computes on, or throws in one line why it cannot. */
export type BrowserDriver = (parts: PageParts) => Promise<{ device: string; stop?: () => void }>;
