import "@tensorflow/tfjs"; // registers the gradients, the cpu backend and webgl
import { checkOptions } from "@csl/internal/errors/check-options";
import { checkChoice, checkCount } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import { quietCpuBackend } from "../engines/quiet-cpu-backend.js";
import {
  type BrowserDriver,
  type BrowserEngineName,
  browserEngineNames,
  type PageParts,
} from "./browser-driver.js";
import { startWasm } from "./start-wasm.js";
import { startWebgl } from "./start-webgl.js";
import { startWebgpu } from "./start-webgpu.js";

export interface BrowserEngineOptions extends Partial<Pick<PageParts, "webgpu" | "wasmFile" | "threads">> {
  /** The engine to take. Default: the first of webgpu, webgl, wasm and cpu that starts. */
  prefer?: BrowserEngineName;
  /** Called with one line for each engine that does not start, and one for the engine taken. */
  log?: (line: string) => void;
}

/** The running engine. Its backend is TensorFlow.js's current one. */
export interface BrowserEngine {
  name: BrowserEngineName;
  /** What it computes on, for people. */
  device: string;
  /** Frees the GPU, or ends helper threads. */
  stop(): void;
}

const drivers: Record<BrowserEngineName, BrowserDriver> = {
  webgpu: startWebgpu,
  webgl: startWebgl,
  wasm: startWasm,
  cpu: async () => {
    await tf.setBackend("cpu");
    return { device: "JavaScript, 1 thread" };
  },
};

/**
 * Starts a TensorFlow.js backend of the browser, with the kernels that training needs, and makes it current. A GPU that is played
 * by the CPU is taken only by name.
 *
 * @throws CslError `unsupported` when the preferred engine does not start: it is never replaced by another.
 */
export async function startEngine(options: BrowserEngineOptions = {}): Promise<BrowserEngine> {
  checkOptions("startEngine", options, {
    ...{ prefer: true, webgpu: true, wasmFile: true, threads: true, log: true },
  });
  const { prefer, log, threads = navigator.hardwareConcurrency || 1, ...parts } = options;
  checkCount("startEngine", "threads", threads);
  if (prefer !== undefined) checkChoice("startEngine", "prefer", prefer, browserEngineNames);
  quietCpuBackend();
  for (const name of prefer ? [prefer] : browserEngineNames)
    try {
      const { device, stop = () => {} } = await drivers[name]({
        ...parts,
        threads,
        byName: prefer !== undefined,
      });
      log?.(`engine ${name} on ${device}`);
      return { name, device, stop };
    } catch (thrown) {
      const reason = (thrown as Error).message;
      if (prefer)
        throw new CslError("unsupported", `startEngine: expected engine "${name}" to start, but ${reason}.`, {
          cause: thrown,
        });
      log?.(`engine ${name} does not start: ${reason}`);
    }
  throw new CslError("unsupported", "startEngine: expected an engine to start, but none does.");
}
