// Training

export { type Adam, type AdamOptions, type AdamState, createAdam } from "./adam.js";
export type { CaptureStep } from "./captured-gradients.js";
// Files
export { type Checkpoint, loadCheckpoint, saveCheckpoint, type TrainingState } from "./checkpoint.js";
export { describeFiles, earlierFiles, isSameFile } from "./earlier-files.js";
export { createEma, type Ema, type EmaOptions, swapEmaWeights, withEmaWeights } from "./ema.js";
export { estimatePrior } from "./estimate-prior.js";
// Evaluation and class prior
export { type Evaluation, evaluateModel } from "./evaluate-model.js";
export { type JsonLines, jsonLines } from "./json-lines.js";
export { loadModelState } from "./load-model-state.js";
export type { InferableModel, StateDict, StateTensor, TrainableModel } from "./model.js";
export { type OneCycleOptions, oneCycle, type Schedule } from "./one-cycle.js";
export type { Progress } from "./progress.js";
export type {
  Batch,
  Batches,
  Classes,
  ImagesOnly,
  OptimizerOptions,
  TrainTask,
} from "./task.js";
export { train } from "./train.js";
export type {
  Best,
  CheckpointEvent,
  EndEvent,
  EpochEvent,
  StartEvent,
  StepEvent,
  TrainEvent,
  ValidatingEvent,
  ValidationEvent,
} from "./train-event.js";
// Its parts, for a loop of your own
export { type Learner, trainStep } from "./train-step.js";
export { decays } from "./weight-decay.js";
