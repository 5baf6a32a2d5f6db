import type { Best, SettingsChange } from "@csl/checkpoints";
import type { Prior } from "@csl/partial-loss";
import type { Evaluation } from "./evaluate-model.js";

/** First event: what will be done. After a resume `step` and `epoch` say where the run continues. */
interface StartEvent {
  type: "start";
  /** Epochs that this run will have trained at its end. */
  epochs: number;
  /** Optimizer steps of the whole run; fewer than the schedule's with `stopEpoch`. */
  steps: number;
  /** Trainable numbers in the model. */
  parameters: number;
  epoch: number;
  step: number;
  resumed: boolean;
  /** Settings that this resume and those before it changed, with `allowChanges`. */
  changes?: SettingsChange[];
}

/** After each optimizer step. */
interface StepEvent {
  type: "step";
  epoch: number;
  /** Place in the run, this step included: 1 … totalSteps. An epoch with fewer batches than announced skips some. */
  step: number;
  totalSteps: number;
  /** The number that was minimised: the loss summed over the accumulated batches. */
  loss: number;
  /** Images in these batches: with a loss that is a sum, `loss / images` is the loss per image. */
  images: number;
  lr: number;
  beta1: number;
  /** √Σg² over the gradients of all parameters, before clipping. */
  gradientNorm: number;
  /** Smoothed, waiting for batches included. */
  imagesPerSecond: number;
  /** For the training steps that are left; validation is not counted. */
  secondsLeft: number;
}

/** After the last step of an epoch. */
interface EpochEvent {
  type: "epoch";
  epoch: number;
  /** Mean of the epoch's step losses. */
  loss: number;
  /** Images and steps of the epoch, those before a resume included. */
  images: number;
  steps: number;
  /** Of this process: after a resume in mid-epoch, the rest of it. */
  seconds: number;
  /** The part of `seconds` in which the training waited for its next batch. */
  waitedSeconds: number;
  /** Running mean of the training probabilities since epoch 0, with `runningPrior`. */
  prior?: Prior;
}

/** While the validation runs: batches done, for a progress line. */
interface ValidatingEvent {
  type: "validating";
  epoch: number;
  images: number;
}

export interface ValidationEvent {
  type: "validation";
  epoch: number;
  raw: Evaluation;
  ema?: Evaluation;
  /** Absent as long as no validation had a score (no class with a positive and a negative). */
  best?: Best;
  /** This validation is the best so far. */
  improved: boolean;
  /** Validations since the best, with `patience`; the run ends when it has that many. */
  sinceBest?: number;
  seconds: number;
}

/** A checkpoint is whole on the disk. */
export interface CheckpointEvent {
  type: "checkpoint";
  path: string;
  kind: "last" | "best";
}

/**
 * Last event. `stopped` is absent when the run reached its end; "patience": it ended before, as its `patience` asks for,
 * and a resume has nothing left to do.
 */
export interface EndEvent {
  type: "end";
  /** Optimizer steps taken, those before a resume included. */
  steps: number;
  best?: Best;
  /** Running mean of the training probabilities since epoch 0, with `runningPrior`, once there was a step. */
  prior?: Prior;
  stopped?: "aborted" | "patience";
  seconds: number;
}

export type TrainEvent =
  | StartEvent
  | StepEvent
  | EpochEvent
  | ValidatingEvent
  | ValidationEvent
  | CheckpointEvent
  | EndEvent;
