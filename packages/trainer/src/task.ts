import type { Classes } from "@csl/checkpoints";
import type { TrainingLoss } from "@csl/partial-loss";
import type * as tf from "@tensorflow/tfjs-core";
import type { Batch, Batches } from "./batch.js";
import type { Collectives } from "./distributed/collectives.js";
import type { Evaluation } from "./evaluate-model.js";
import type { TrainableModel } from "./model.js";
import type { EmaOptions } from "./optimizer/ema.js";
import type { CaptureStep } from "./step/recorded.js";

interface OptimizerOptions {
  /** Peak learning rate of the one-cycle schedule. The reference's default is 2e-4. */
  lr?: number;
  /** Decay of the weights; biases and vectors are spared, as in the reference. Default 1e-4. */
  weightDecay?: number;
  /** true: AdamW. Default false: the decay is an L2 term in the gradient, as in the reference. */
  decoupled?: boolean;
  /** Share of the steps in which the rate rises. Default 0.2. */
  pctStart?: number;
}

export interface BodyOptions {
  /** Which parameters are the body; the others are the head. Default: keys that do not begin with `head.`, as in TResNet. */
  has?: (key: string) => boolean;
  /**
   * In the first so many epochs the head alone is trained: the model runs in inference mode, weights, running statistics
   * and moments of the body stay as they are. Default 0.
   */
  freezeEpochs?: number;
  /** Learning rate of the body as a share of the head's, above 0. Default 1. */
  lrScale?: number;
}

export interface TrainTask {
  model: TrainableModel;
  /**
   * (logits [batch, classes], labels [batch, classes]) → scalar, differentiable; or a loss that changes with the epoch
   * or keeps numbers of each sample (those of @csl/partial-loss), which `last` checkpoints hold.
   */
  loss: ((logits: tf.Tensor2D, labels: tf.Tensor2D) => tf.Scalar) | TrainingLoss;
  /** The batches of one epoch (from 0). Must give the same batches when asked for the same epoch again. */
  trainBatches: (epoch: number) => Batches;
  /**
   * The same batches of an epoch without the first `from` of them, for a resume in mid-epoch. Without this they are
   * read again and dropped.
   */
  trainBatchesFrom?: (epoch: number, from: number) => Batches;
  /** Batches of one epoch at most: the schedule is laid out for them. */
  batchesPerEpoch: number;
  /** Epochs that the schedule is laid out for. */
  epochs: number;
  /** Stop after this many epochs of the schedule. Default: all of them. */
  stopEpoch?: number;
  classes: Classes;
  validationBatches?: () => Batches;
  /** Validate after every n-th epoch and after the last. Default 1. */
  validateEvery?: number;
  /**
   * Early stopping: ends the run after this many validations in a row without a better best. A resume keeps the count.
   * Default: none.
   */
  patience?: number;
  /**
   * Sees each training batch with the logits [size, classes] that the loss got, in training mode and before the step. Of
   * this process alone. The arrays belong to the trainer: copy what is to be kept. The images are left out: a loader may
   * have used their memory for the next batch, which a GPU is sent while it computes this one.
   */
  onTrainBatch?: (batch: Omit<Batch, "images">, logits: Float32Array) => void;
  /** The same for validation: the logits of the weights, and of their averages where there are any. */
  onValidationBatch?: (batch: Batch, logits: { raw: Float32Array; ema?: Float32Array }) => void;
  /** What "best" compares; higher is better, NaN never wins. Default: mapC. */
  score?: (evaluation: Evaluation) => number;
  optimizer?: OptimizerOptions;
  /** Trains the body otherwise than the head: later, or slower. */
  body?: BodyOptions;
  /**
   * Largest norm of a step's gradients, all parameters together (after `accumulate`, before weight decay): larger ones
   * are scaled down by clipGradNorm / (norm + 1e-6), as torch.nn.utils.clip_grad_norm_ does. The `step` events
   * have the norm before. Default: none.
   */
  clipGradNorm?: number;
  /** Moving average of the weights; false switches it off. Default: decay 0.9997 from the first step. */
  ema?: EmaOptions | false;
  /** Batches whose gradients are summed before one optimizer step. Default 1. */
  accumulate?: number;
  /**
   * Replays a recorded step, optimizer and averages included, instead of computing it operator by operator (`engine.captureStep` of
   * @csl/engine); the numbers are the same. Model and loss must do the same at every batch and
   * read no value (`partialLoss` with `validate: false`). Default: none.
   */
  captureStep?: CaptureStep;
  /** Keep the running mean of the training probabilities (the reference's prior). Default false. */
  runningPrior?: boolean;
  /**
   * Receives last.safetensors and best.safetensors. Without it nothing is written. One that holds them already is
   * refused, unless `resume` continues from its last.safetensors or `overwrite` is true.
   */
  checkpointFolder?: string;
  /** Whether checkpoints of another run in `checkpointFolder` may be replaced. Default false. */
  overwrite?: boolean;
  /** Write `last` after every so many steps as well, not only after each epoch. */
  checkpointEverySteps?: number;
  /** Anything JSON can hold; stored in the checkpoints. */
  config?: unknown;
  /** What else decides the training, such as seed, batch size, the loss and a hash of the labels: a resume must have the same. */
  settings?: Record<string, unknown>;
  /** Path of a `last` checkpoint to continue from, step for step. */
  resume?: string;
  /**
   * Whether a resume may differ in `settings`, optimizer and averages from what was trained. The changes are in the
   * `start` event and in every checkpoint from then on. Default false: a difference is refused.
   */
  allowChanges?: boolean;
  /** Aborting finishes the current step, writes `last` and ends the run. */
  signal?: AbortSignal;
  /** The weights that the model holds after the run. Default "raw". */
  finalWeights?: "raw" | "ema";
  /**
   * The processes that train together, each with batches of its own: their gradients are added, as with `accumulate`.
   * Every rank calls `train` with the same task, an own share of the batches (as many on each). A loss that
   * keeps numbers sees the batches of all ranks.
   * Rank 0 alone reads `resume` and writes checkpoints. Default: this process alone.
   */
  collectives?: Collectives;
  /**
   * Batch normalisation over the batches of all ranks (PyTorch's SyncBatchNorm) instead of each rank's own: two ranks with batches of
   * 16 are one process with batches of 32. Needs `collectives` with `allReduceNow` and a model with `syncNorms`, and waits for
   * the slowest rank at every norm. Default false.
   */
  syncBn?: boolean;
  /** Milliseconds, monotonic. Default performance.now. */
  now?: () => number;
}
