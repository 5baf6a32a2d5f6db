import { cpuEngine } from "./cpu-engine.js";
import type { EngineDriver } from "./engine-driver.js";
import { tfjsNodeEngine } from "./tfjs-node-engine.js";
import { torchEngine } from "./torch-engine.js";
import { wasmEngine } from "./wasm-engine.js";

/** Every engine, fastest first. */
export const engineDrivers: readonly EngineDriver[] = [
  torchEngine("torch-cuda"),
  tfjsNodeEngine("tfjs-node-gpu"),
  torchEngine("torch"),
  tfjsNodeEngine("tfjs-node"),
  wasmEngine,
  cpuEngine,
];
