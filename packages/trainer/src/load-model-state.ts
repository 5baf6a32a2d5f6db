import { CslError } from "@csl/internal/errors/csl-error";
import { firstNonFinite } from "@csl/internal/tensors/first-non-finite";
import type { StateDict } from "@csl/internal/tensors/state-dict";
import type { TrainableModel } from "./model.js";

/**
 * Puts a checkpoint's weights into a model after checking that they are the model's: every key, every shape, finite numbers.
 *
 * @throws naming the first keys and shapes that differ, or a number that is not finite; the model is untouched then.
 */
export async function loadModelState(model: TrainableModel, state: StateDict): Promise<void> {
  const own = await model.stateDict();
  // Step counters: nothing reads them, and files of other programs leave them out.
  const missing = [...own.keys()].filter((key) => !state.has(key) && !key.endsWith(".num_batches_tracked"));
  const unknown = [...state.keys()].filter((key) => !own.has(key));
  const reshaped = [...own]
    .filter(([key, { shape }]) => state.has(key) && String(state.get(key)!.shape) !== String(shape))
    .map(([key, { shape }]) => `${key} [${shape}] but [${state.get(key)!.shape}] in the checkpoint`);
  const problems = [
    ...list("missing in the checkpoint", missing),
    ...list("not in the model", unknown),
    ...list("of another shape", reshaped),
  ];
  if (problems.length > 0)
    throw new CslError(
      "mismatch",
      `loadModelState: expected the tensors of the model, got a checkpoint with differences: ${problems.join("; ")}. ` +
        "Is it of another variant, head or number of classes?",
    );
  for (const [key, { data }] of state) {
    const found = firstNonFinite(data);
    if (found)
      throw new CslError(
        "not-finite",
        `loadModelState: expected finite weights, got ${found.value} in "${key}". Is the file of a training that diverged, or damaged?`,
      );
  }
  await model.loadStateDict(state, { strict: true });
}

function list(title: string, keys: readonly string[]): string[] {
  if (keys.length === 0) return [];
  return [`${keys.length} ${title} (${keys.slice(0, 3).join(", ")}${keys.length > 3 ? ", …" : ""})`];
}
