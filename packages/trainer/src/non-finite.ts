import { CslError } from "@csl/internal/errors/csl-error";
import { firstNonFinite } from "@csl/internal/tensors/first-non-finite";
import type * as tf from "@tensorflow/tfjs-core";
import type { TrainableModel } from "./model.js";

/**
 * The first of these gradients that is not finite, or whose square is not in float32 (Adam's second moment is made of
 * it), in words: `NaN in the gradient of "fc.weight"`.
 */
export async function findNonFinite(
  gradients: Iterable<readonly [key: string, tensor: tf.Tensor]>,
): Promise<string | undefined> {
  for (const [key, tensor] of gradients) {
    const value = (await tensor.data<"float32">()).find((x) => !Number.isFinite(Math.fround(x * x)));
    if (value === undefined) continue;
    const why = Number.isFinite(value) ? " (the second moment would be infinite)" : "";
    return `${value} in the gradient of "${key}"${why}`;
  }
  return undefined;
}

/** Where a loss that is not finite comes from: weights, or else running statistics, which the step itself changes. */
export async function findCause(model: TrainableModel): Promise<string | undefined> {
  const kinds = [
    ["the weight", model.parameters()],
    ["the running statistic", model.buffers()],
  ] as const;
  for (const [kind, variables] of kinds)
    for (const [key, variable] of variables) {
      const found = firstNonFinite(await variable.data<"float32">());
      if (found) return `${found.value} in ${kind} "${key}"`;
    }
  return undefined;
}

/** Which step it is, counted from 1 over the whole run. */
export interface StepPlace {
  step: number;
  lr: number;
}

/**
 * The error of a step that is not taken.
 *
 * @param got what is not finite, and in which tensor
 * @param more.from where that comes from, as far as it is known
 */
export function nonFiniteError(
  got: string,
  { step, lr, cause, from }: StepPlace & { cause?: unknown; from?: string | undefined },
): CslError {
  return new CslError(
    "not-finite",
    `train: expected finite numbers in step ${step}, got ${got}${from ? `, with ${from}` : ""} at a learning rate of ${lr.toPrecision(3)}. ` +
      "No weight was changed and no checkpoint replaced. A resume with the same settings would come to the same step: resume " +
      "with a lower optimizer.lr and allowChanges, or start a new run from the weights of the best checkpoint.",
    { cause },
  );
}
