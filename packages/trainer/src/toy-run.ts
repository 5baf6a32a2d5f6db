/**
 * For tests, a program: trains the toy model into the folder of its first argument, writing `last` after every step,
 * prints an event's type a line, and takes Ctrl-C as a wish to stop. A wide model, so that writing takes a while.
 */
import * as tf from "@tensorflow/tfjs";
import { createToyModel, toyBatches, toyLoss } from "./toy-model.js";
import { train } from "./train.js";

const numClasses = 20_000;
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
await tf.setBackend("cpu");
const [batch] = toyBatches(1, { size: 2, numClasses });
const task = {
  model: createToyModel(numClasses),
  loss: toyLoss,
  trainBatches: () => Array(1000).fill(batch!),
  batchesPerEpoch: 1000,
  epochs: 1000,
  classes: { ids: Array.from({ length: numClasses }, (_, i) => String(i)) },
  checkpointFolder: process.argv[2]!,
  checkpointEverySteps: 1,
  signal: stop.signal,
};
for await (const event of train(task)) {
  const { stopped = "" } = event as { stopped?: string };
  process.stdout.write(`${event.type} ${stopped}\n`);
}
