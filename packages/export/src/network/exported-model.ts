import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import type { StateTensor } from "@csl/internal/tensors/state-dict";
import { planTResNet, stateDictShapes, type TResNetOptions, type TResNetPlan } from "@csl/tresnet";

/** A model to write: its options, and its tensors in PyTorch's layout, as `stateDict()` and `@csl/checkpoints` give them. */
export interface ExportedModel {
  /** `config` of a TResNet, or what `detectTResNet` finds. The seed does not matter. */
  model: TResNetOptions & { seed?: number };
  state: ReadonlyMap<string, StateTensor>;
}

/** The layers of a model, and its tensors by key. */
export interface Network {
  plan: TResNetPlan;
  tensor: (key: string) => StateTensor;
}

/**
 * The layers of a model, after a check that its tensors are all there. Other tensors may be beside them.
 *
 * @param speaker the function, as errors begin
 * @throws CslError `mismatch` for a tensor that is missing or of another shape
 */
export function openNetwork(speaker: string, { model, state }: ExportedModel): Network {
  checkOptions(`${speaker}: model`, model, {
    ...{ variant: true, numClasses: true, head: true, decoder: true, seed: true },
  });
  const { seed: _, ...options } = model;
  for (const [key, shape] of stateDictShapes(options)) {
    if (key.endsWith(".num_batches_tracked")) continue;
    const got = state.get(key)?.shape;
    if (got?.join() === shape.join()) continue;
    throw new CslError(
      "mismatch",
      `${speaker}: expected the tensor ${key} of [${shape}] in state, got ${got ? `one of [${got}]` : "none"}. ` +
        "Are the options of model those of this state? detectTResNet() finds them.",
    );
  }
  return { plan: planTResNet(options), tensor: (key) => state.get(key)! };
}
