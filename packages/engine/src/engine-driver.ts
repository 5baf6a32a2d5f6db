import { CslError } from "@csl/internal/errors/csl-error";
import type * as tf from "@tensorflow/tfjs-core";

/**
 * The engines, fastest first: the order in which {@link startEngine} tries them.
 * `torch-cuda` and `torch` are @csl/tfjs-backend-torch on a GPU and on the CPU.
 */
export const engineNames = [
  "torch-cuda",
  "tfjs-node-gpu",
  "torch",
  "webgpu",
  "tfjs-node",
  "wasm",
  "cpu",
] as const;

export type EngineName = (typeof engineNames)[number];

/** @throws CslError `invalid-argument`, naming `speaker` and every engine there is, unless `name` is one of them */
export function assertEngineName(name: string, speaker: string): asserts name is EngineName {
  if ((engineNames as readonly string[]).includes(name)) return;
  throw new CslError(
    "invalid-argument",
    `${speaker}: expected one of ${engineNames.join(", ")}, got "${name}". ` +
      "`listEngines()` (or `csl engines`) tells which of them this machine has.",
  );
}

/** How activations are stored. "auto": whatever the engine computes fastest in. */
export type Precision = "float32" | "bf16" | "float16" | "auto";

/** A step that is replayed. What `run` returns is valid until the next run. */
export interface CapturedStep {
  /** Inputs of the shapes it was recorded with. */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[];
  dispose(): void;
}

/**
 * Records a step of fixed shapes once and replays it as a whole, which spares the host the time that each operator costs
 * it. The step reads no values and does the same whenever it runs; `variables` are what it reads or assigns besides its
 * inputs.
 *
 * @throws when the step cannot be recorded
 */
export type CaptureStep = (
  step: (inputs: tf.Tensor[]) => tf.Tensor[],
  example: readonly tf.Tensor[],
  options: { variables: readonly tf.Variable[] },
) => CapturedStep;

/** Whether an engine can store activations so. */
export function canStore({ reduced }: Pick<EngineDriver, "reduced">, precision: Precision): boolean {
  return precision === "float32" || precision === "auto" || precision === reduced;
}

/** What is known about an engine without starting it. */
export interface Probe {
  available: boolean;
  /** One line: what was found, or why the engine is not available. */
  detail: string;
  /** One line: the command that would make it available. */
  hint?: string;
  /** It is there, but nobody wants it unless it is asked for by name: webgpu on a CPU that plays a GPU. */
  byName?: boolean;
}

/** What a started engine says about itself. */
export interface Started {
  /** What it computes on, for people: "AMD EPYC, 2 threads". */
  device: string;
  /** Version of the library that computes. */
  version: string;
  /** How it stores activations, where it has the choice. */
  precision?: string;
  /** Ends worker threads, where the engine has some that outlive its use. */
  stop?: () => void;
  /** Where the engine can record a step and replay it. */
  captureStep?: CaptureStep;
}

interface StartOptions {
  threads: number;
  precision: Precision;
  log?: (line: string) => void;
  signal?: AbortSignal;
}

/** One engine: how to look for it and how to start it. `start` makes its backend the current one, or throws. */
export interface EngineDriver {
  name: EngineName;
  /** What activations can be stored in besides float32: bfloat16 or float16. */
  reduced?: "bf16" | "float16";
  /** Whether it is faster than those that come after it for large networks only (README). */
  largeOnly?: boolean;
  /** Whether nobody has measured yet that it is faster than those that come after it: it is not recommended. */
  unmeasured?: boolean;
  probe(): Promise<Probe>;
  start(options: StartOptions): Promise<Started>;
}
