import * as tf from "@tensorflow/tfjs-core";
import { cpuModel } from "./cpu-model.js";
import type { EngineDriver } from "./engine-driver.js";

/** TensorFlow.js's own JavaScript backend: always there, the reference for every other one, and very slow. */
export const cpuEngine: EngineDriver = {
  name: "cpu",
  async probe() {
    return { available: true, detail: "plain JavaScript, one thread: correct and very slow" };
  },
  async start() {
    if (!(await tf.setBackend("cpu"))) throw new Error("TensorFlow.js could not start its cpu backend");
    return { device: `${cpuModel()}, JavaScript, 1 thread`, version: tf.version_core };
  },
};
