import type { TrainTask } from "../src/task.js";
import { createToyModel, toyBatches, toyLoss } from "./toy-model.js";

/** For tests: the toy model, wide so that writing takes a while, with `last` after every step. */
export function toyRunTask(folder: string): TrainTask {
  const numClasses = 20_000;
  const [batch] = toyBatches(1, { size: 2, numClasses });
  return {
    model: createToyModel(numClasses),
    loss: toyLoss,
    trainBatches: () => Array(1000).fill(batch!),
    batchesPerEpoch: 1000,
    epochs: 1000,
    classes: { ids: Array.from({ length: numClasses }, (_, i) => String(i)) },
    checkpointFolder: folder,
    checkpointEverySteps: 1,
  };
}
