import { type FoundStateDict, findStateDict } from "./find-state-dict.js";
import { openTorchFile, type TorchFile } from "./open-torch-file.js";
import type { PythonValue } from "./python-value.js";
import { requireReasonable } from "./require-reasonable.js";

/** The weights of a file of PyTorch's, and what was saved beside them. */
export interface TorchStateDict {
  /** Key → shape in PyTorch's order, and numbers as float32. Shared and transposed tensors are copies in C order. */
  tensors: Map<string, { shape: number[]; data: Float32Array }>;
  /** Where in the file they were, e.g. "state_dict"; "" when they are all there is. */
  where: string;
  /** All that was saved: `value.get("idx_to_class")` and the like. Its tensors are descriptions. */
  value: PythonValue;
}

/**
 * Reads the state-dict in a file of `torch.save`; of other tensors (an optimizer's, raw weights beside averaged ones)
 * not a byte. Float32, float64, float16, bfloat16, integers and booleans become float32.
 *
 * @throws as `openTorchFile`, and when there is no state-dict in it or a tensor's dtype is not read, with its key.
 */
export async function readTorchStateDict(path: string): Promise<TorchStateDict> {
  const file = await openTorchFile(path);
  try {
    const found = stateDictOf(path, file);
    const tensors: TorchStateDict["tensors"] = new Map();
    for (const [key, tensor] of found.tensors) {
      const data = await file.read(tensor).catch((cause: Error) => {
        const { dtype, shape } = tensor;
        throw new Error(`${cause.message.replace(/\.$/, "")} (${key}, ${dtype} [${shape}]).`, { cause });
      });
      tensors.set(key, { shape: [...tensor.shape], data });
    }
    return { tensors, where: found.where, value: file.value };
  } finally {
    await file.close();
  }
}

function stateDictOf(path: string, { value, size }: TorchFile): FoundStateDict {
  try {
    const found = findStateDict(value);
    requireReasonable(found.tensors.values(), size);
    return found;
  } catch (cause) {
    throw new Error(`readTorchFile: ${path}: ${(cause as Error).message}. Is it a checkpoint?`, { cause });
  }
}
