// For tests: trainings of the toy model.
import type { TrainTask } from "../src/task.js";
import { train } from "../src/train.js";
import type { TrainEvent } from "../src/train-event.js";
import { createToyModel, toyBatches, toyLoss } from "./toy-model.js";

/** Four epochs of five batches into a folder, by a clock that advances by 100 at every call; every option may be replaced. */
export function toyTaskIn(folder: string, options: Partial<TrainTask> = {}): TrainTask {
  let clock = 0;
  return {
    model: options.model ?? createToyModel(),
    loss: toyLoss,
    trainBatches: (epoch) => toyBatches(5, { seed: epoch, partial: true }),
    batchesPerEpoch: 5,
    epochs: 4,
    classes: { ids: ["red", "green", "blue"] },
    validationBatches: () => toyBatches(3, { seed: 100 }),
    optimizer: { lr: 0.1 },
    ema: { decay: 0.9 },
    checkpointFolder: folder,
    config: { note: "toy" },
    now: () => (clock += 100),
    ...options,
  };
}

/** All events of a training. */
export async function collect(
  task: TrainTask,
  onEvent: (event: TrainEvent) => void = () => {},
): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  for await (const event of train(task)) {
    events.push(event);
    onEvent(event);
  }
  return events;
}
