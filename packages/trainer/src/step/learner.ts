import type { Batch } from "../batch.js";
import type { RankSum } from "../distributed/rank-sum.js";
import type { TrainableModel } from "../model.js";
import type { Adam } from "../optimizer/adam.js";
import type { Ema } from "../optimizer/ema.js";
import type { TrainTask } from "../task.js";
import type { CapturedGradients } from "./captured-gradients.js";
import type { CapturedStep } from "./whole-step.js";

/** What a step trains. */
export interface Learner {
  model: TrainableModel;
  loss: TrainTask["loss"];
  adam: Adam;
  ema?: Ema | undefined;
  numClasses: number;
  /** Gradients by a recorded step; `lasting`, if several batches make one step. Default: computed operator by operator. */
  captured?: CapturedGradients | undefined;
  /** The whole step, recorded: where the backend guards steps, and this process trains alone. Then there is no `captured`. */
  recorded?: CapturedStep | undefined;
  /** The processes that take the step together. Default: this one alone. */
  ranks?: RankStep | undefined;
}

/** How a step is taken by several ranks. */
export interface RankStep {
  sum: RankSum;
  /** Whether this rank was asked to stop: then all of them do, after this step. */
  stop: () => boolean;
}

/** Choices of a step. */
export interface StepOptions {
  /** Receives each batch's logits in training mode, row after row, and the batch. */
  onLogits?: ((logits: Float32Array, batch: Batch) => void) | undefined;
  /** Largest norm of the gradients together; larger ones are scaled down to it. */
  clipGradNorm?: number | undefined;
}

/** What a step gives. */
export interface StepResult {
  /** Summed over the batches. */
  loss: number;
  /** √Σg² over the gradients of all parameters, before clipping. 0: the step can have learned nothing. */
  gradientNorm: number;
  /** Of all ranks. */
  images: number;
  /** Whether a rank was asked to stop. */
  stop: boolean;
}
