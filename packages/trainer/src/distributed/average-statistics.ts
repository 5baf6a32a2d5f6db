import * as tf from "@tensorflow/tfjs-core";
import type { Run } from "../run.js";
import type { Collectives } from "./collectives.js";

/**
 * Replaces running statistics, and their moving averages, by their mean over the ranks: each rank's are of its own images.
 * Before a validation and a checkpoint, so that all ranks validate what is saved.
 */
export async function averageStatistics({ task, ema }: Run, collectives: Collectives): Promise<void> {
  const keys = [...task.model.buffers().keys()];
  const variables = [
    ...task.model.buffers().values(),
    ...(ema ? keys.flatMap((key) => ema.averages.get(key) ?? []) : []),
  ];
  if (variables.length === 0) return;
  const numbers = new Float64Array(variables.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  for (const variable of variables) {
    numbers.set(await variable.data<"float32">(), at);
    at += variable.size;
  }
  await collectives.allReduce(numbers);
  at = 0;
  for (const variable of variables) {
    const mean = Float32Array.from(numbers.subarray(at, at + variable.size), (sum) => sum / collectives.size);
    tf.tidy(() => variable.assign(tf.tensor(mean, variable.shape)));
    at += variable.size;
  }
}
