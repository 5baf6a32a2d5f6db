import { cpus } from "node:os";
import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import type { EngineDriver } from "../engine-driver.js";

/** TensorFlow.js's own JavaScript backend: always there, the reference for every other one, and very slow. */
export const cpuEngine: EngineDriver = {
  name: "cpu",
  async probe() {
    return { available: true, detail: "plain JavaScript, one thread: correct and very slow" };
  },
  async start() {
    if (!(await tf.setBackend("cpu")))
      throw new CslError("failed", "TensorFlow.js could not start its cpu backend");
    return { device: `${cpuModel()}, JavaScript, 1 thread`, version: tf.version_core };
  },
};

/** The processor's name without its decorations, e.g. "AMD EPYC 9B14". */
export function cpuModel(): string {
  const model = cpus()[0]?.model ?? "CPU";
  return (
    model
      .replace(/\((R|TM)\)|CPU|Processor|@.*$/g, " ")
      .replace(/\s+/g, " ")
      .trim() || "CPU"
  );
}
