import type { KernelBackend } from "@tensorflow/tfjs-core";
import type { KernelRunner } from "./kernel-runner.js";

const runners = new WeakMap<KernelBackend, KernelRunner>();

/** The runner of a backend that {@link startEngine} made; undefined for a wasm backend that someone else started. */
export function runnerOf(backend: unknown): KernelRunner | undefined {
  return runners.get(backend as KernelBackend);
}

export function setRunner(backend: KernelBackend, runner: KernelRunner): void {
  runners.set(backend, runner);
}
