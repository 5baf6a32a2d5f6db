import type { StartEngineOptions } from "@csl/engine";
import * as tf from "@tensorflow/tfjs-core";
import { vi } from "vitest";

// Runs before every test file: the engine that CSL_ENGINE names stands in for the backends and engines that the tests ask
// for by name, so that each test of "cpu" and of "wasm" computes on it.
vi.mock("@csl/engine", async (importOriginal) => {
  const original = await importOriginal<typeof import("@csl/engine")>();
  const startEngine = ({
    prefer: _,
    ...options
  }: StartEngineOptions = {}): ReturnType<typeof original.startEngine> => original.startEngine(options);
  return { ...original, startEngine };
});

const { startEngine } = await import("@csl/engine");
const { backend } = await startEngine();
const engine = tf.engine();
const setBackend = engine.setBackend.bind(engine);
engine.setBackend = (name) => setBackend(name === "cpu" || name === "wasm" ? backend : name);
