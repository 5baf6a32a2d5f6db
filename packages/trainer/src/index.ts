export type { EmaOptions } from "./ema.js";
export type { Evaluation } from "./evaluate-model.js";
export type { InferableModel, StateDict, StateTensor, TrainableModel } from "./model.js";
export type { PriorEstimate } from "./running-prior.js";
export type {
  Batch,
  Batches,
  Classes,
  ImagesOnly,
  OptimizerOptions,
  TrainTask,
} from "./task.js";
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
