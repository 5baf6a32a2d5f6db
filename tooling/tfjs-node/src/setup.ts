import { startEngine } from "@csl/engine";
import * as tf from "@tensorflow/tfjs-core";

// Runs before every test file: starts the engine that CSL_ENGINE names and has it stand in for the backends that the
// tests ask for by name, so that each test of "cpu" and of "wasm" computes on it.
const { backend } = await startEngine();
const engine = tf.engine();
const setBackend = engine.setBackend.bind(engine);
engine.setBackend = (name) => setBackend(name === "cpu" || name === "wasm" ? backend : name);
