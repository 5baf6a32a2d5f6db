import type { StateDict } from "@csl/internal/tensors/state-dict";

/** The class order of a model's outputs. `ClassList` of @csl/labels is one. */
export interface Classes {
  readonly ids: readonly string[];
  readonly names?: readonly string[];
}

/** The best validation so far. `epoch` counts from 0. */
export interface Best {
  score: number;
  weights: "raw" | "ema";
  epoch: number;
}

/** How far a run has come; JSON, so that a checkpoint can hold it. */
export interface Progress {
  epoch: number;
  /** Batches of this epoch that are done. */
  batch: number;
  /** The epoch's training is done and its validation is due. */
  trained: boolean;
  /** Sum and number of the epoch's step losses, and the number of images in them. */
  lossSum: number;
  lossSteps: number;
  lossImages: number;
  best?: Best;
  /** Validations since the best, of a run that stops early. */
  sinceBest?: number;
  /** Sums of the training probabilities per class, and the number of images in them. */
  prior?: { sums: number[]; count: number };
}

/** The optimizer's memory, in the layout of the variables. */
export interface AdamState {
  step: number;
  moment1: Map<string, Float32Array>;
  moment2: Map<string, Float32Array>;
  /** By key, how many of the steps a parameter took no part in; none where it is absent. */
  skipped?: Record<string, number>;
}

/** What only a `last` checkpoint holds: enough to continue as if nothing had happened. */
export interface TrainingState {
  progress: Progress;
  adam: AdamState;
  emaUpdates: number;
  /** What a loss with a memory has learned so far, such as label estimates. */
  loss?: StateDict;
  /** What decides the training; a resume with others is another training. */
  settings: Record<string, unknown>;
  /** Settings that a resume has changed on purpose, oldest first. */
  changes?: SettingsChange[];
}

/** Settings that differ from a step on. */
export interface SettingsChange {
  /** Optimizer steps taken before. */
  step: number;
  settings: Record<string, { from: unknown; to: unknown }>;
}
