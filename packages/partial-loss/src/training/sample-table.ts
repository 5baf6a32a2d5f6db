import { checkCount } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";
import type { StateDict } from "@csl/internal/tensors/state-dict";
import * as tf from "@tensorflow/tfjs-core";

/** The training set of a loss with a memory. */
export interface TrainingSet {
  samples: number;
  classes: number;
  /** The labels of a sample: 1 positive, 0 negative, -1 un-annotated. */
  labels: (sample: number) => ArrayLike<number>;
}

/** One number for each sample and class. */
export function sampleTable(speaker: string, { samples, classes }: TrainingSet): Float32Array {
  checkCount(speaker, "samples", samples);
  checkCount(speaker, "classes", classes);
  try {
    return new Float32Array(samples * classes);
  } catch (cause) {
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected memory for a number per sample and class, ${samples} × ${classes} × 4 bytes, got ${(cause as Error).message}. Use a loss without a memory.`,
      { cause },
    );
  }
}

/** The rows of these samples, [batch, classes]. The caller owns the tensor. */
export function rowsOf(table: Float32Array, samples: ArrayLike<number>, classes: number): tf.Tensor2D {
  const rows = new Float32Array(samples.length * classes);
  for (let row = 0; row < samples.length; row++)
    rows.set(table.subarray(samples[row]! * classes, (samples[row]! + 1) * classes), row * classes);
  return tf.tensor2d(rows, [samples.length, classes]);
}

/** @throws CslError `invalid-argument` for a batch that does not say which samples it holds, or others than there are. */
export function requireSamples(
  speaker: string,
  found: ArrayLike<number> | undefined,
  { samples }: Pick<TrainingSet, "samples">,
): ArrayLike<number> {
  const wrong = found && Array.from(found).find((sample) => !(sample >= 0 && sample < samples));
  if (found && wrong === undefined) return found;
  throw new CslError(
    "invalid-argument",
    `${speaker}: expected batches with the place of each sample in the training set, 0 to ${samples - 1}, got ${wrong ?? "none"}. Set \`samples\` of the batch.`,
  );
}

/** Copies a table of a checkpoint. @throws CslError `mismatch` when it is not there or of another size. */
export function loadTable(speaker: string, state: StateDict, key: string, table: Float32Array): void {
  const saved = state.get(key)?.data;
  if (saved?.length !== table.length)
    throw new CslError(
      "mismatch",
      `${speaker}: expected ${table.length} numbers under "${key}", got ${saved?.length ?? "none"}. Was the checkpoint made with this loss and these samples?`,
    );
  table.set(saved);
}
