import { type BrowserEngine, type BrowserEngineName, startEngine } from "@csl/engine/browser";
import wasmFile from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import * as webgpu from "@tensorflow/tfjs-backend-webgpu";

export const engineNames: readonly BrowserEngineName[] = ["webgpu", "webgl", "wasm", "cpu"];

let turn: Promise<unknown> = Promise.resolve();

/** TensorFlow.js has one current backend: work on it is done one piece after the other. */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const next = turn.then(work, work);
  turn = next.catch(() => {});
  return next;
}

/** Starts an engine, by its name or the first of this browser that starts. @throws CslError `unsupported`, in words */
export function startNamed(prefer?: BrowserEngineName): Promise<BrowserEngine> {
  return startEngine({ webgpu, wasmFile, ...(prefer && { prefer }) });
}
