import type { CaptureStep } from "./capture-step.js";
import type { EngineName } from "./engine-name.js";

/** What is known about an engine without starting it. */
export interface Probe {
  available: boolean;
  /** One line: what was found, or why the engine is not on offer. */
  detail: string;
  /** One line: the command that would make it available. */
  hint?: string;
}

/** What a started engine says about itself. */
export interface Started {
  /** What it computes on, for people: "AMD EPYC, 2 threads". */
  device: string;
  /** Version of the library that computes. */
  version: string;
  /** Ends worker threads, where the engine has some that outlive its use. */
  stop?: () => void;
  /** Where the engine can record a step and replay it. */
  captureStep?: CaptureStep;
}

/** How activations are stored. "auto": whatever the engine computes fastest in. */
export type Precision = "float32" | "bf16" | "auto";

export interface StartOptions {
  threads: number;
  precision: Precision;
  log?: (line: string) => void;
}

/** One engine: how to look for it and how to start it. `start` makes its backend the current one, or throws. */
export interface EngineDriver {
  name: EngineName;
  /** Whether activations can be stored in bfloat16; without it the engine computes in float32 only. */
  bf16?: boolean;
  /** Whether it is faster than those that come after it for large networks only (README). */
  largeOnly?: boolean;
  probe(): Promise<Probe>;
  start(options: StartOptions): Promise<Started>;
}
