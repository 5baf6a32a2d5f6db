import { checkOptions } from "@csl/internal/errors/check-options";
import {
  type Checkpoint,
  checkpointOf,
  checkpointTensors,
  isOfState,
  type LoadedCheckpoint,
} from "./checkpoint-parts.js";
import { readTensors, writeTensors } from "./safetensors.js";
import type { Classes } from "./training-state.js";

/**
 * Writes one safetensors file that Python's safetensors reads as well: `state` under its own keys, the rest under
 * "ema.", "adam.moment1.", "adam.moment2." and "loss.", everything else as JSON strings in the metadata. The path holds
 * the old file or the whole new one at any moment, also when the power fails.
 *
 * @throws CslError `not-finite` for a weight that is not finite: a broken model must not replace a good checkpoint;
 * `cannot-write` naming the file and the reason.
 */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const { tensors, metadata } = checkpointTensors(
    "saveCheckpoint",
    checkpoint,
    `${path} was left as it was.`,
  );
  await writeTensors("saveCheckpoint", path, tensors, metadata);
}

/**
 * Reads what `saveCheckpoint` wrote, or any safetensors file of a model (then only `state` is there).
 *
 * @param options.classes refuse the file unless it was trained for exactly these classes in this order.
 * @param options.stateOnly read the model's weights, classes and configuration alone: a `last` checkpoint is four times
 * as large.
 * @throws CslError `not-found`, `cannot-read`; `invalid-file` for a file that is cut off or of another format;
 * `mismatch` for one of other classes.
 */
export async function loadCheckpoint(
  path: string,
  options: { classes?: Classes; stateOnly?: boolean } = {},
): Promise<LoadedCheckpoint> {
  checkOptions("loadCheckpoint", options, { classes: true, stateOnly: true });
  const { stateOnly = false } = options;
  const found = await readTensors("loadCheckpoint", path, {
    wanted: (name, metadata) => !stateOnly || isOfState(name, metadata),
  });
  return checkpointOf("loadCheckpoint", path, found, { ...options, stateOnly });
}
