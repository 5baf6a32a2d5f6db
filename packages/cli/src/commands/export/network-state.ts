import type { SafeTensor, StateDict } from "@csl/checkpoints";
import { stateDictShapes } from "@csl/tresnet";
import type { WholeModel } from "../../models/open-model.js";

/** The tensors of the network alone, in its order; what else a file had stays behind. */
export function networkState({ model, state }: WholeModel): StateDict {
  const own = [...stateDictShapes(model).keys()].filter((key) => state.has(key));
  return new Map(own.map((key) => [key, state.get(key)!]));
}

/** As PyTorch stores them: counters of batches are whole numbers. */
export function asStored(state: StateDict): Map<string, SafeTensor> {
  const dtypeOf = (key: string): SafeTensor["dtype"] =>
    key.endsWith(".num_batches_tracked") ? "I64" : "F32";
  return new Map([...state].map(([key, tensor]) => [key, { ...tensor, dtype: dtypeOf(key)! }]));
}
