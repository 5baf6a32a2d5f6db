import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import type { StateDict } from "@csl/internal/tensors/state-dict";
import { isReadable } from "../dtypes.js";
import type { UnreadTensor } from "../safetensors-layout.js";
import { type FoundStateDict, findStateDict } from "./find-state-dict.js";
import { openTorchFile, type TorchFile } from "./open-torch-file.js";
import type { PythonValue } from "./python-value.js";
import { requireReasonable } from "./require-reasonable.js";

/** The weights of a file of PyTorch's, and what was saved beside them. */
export interface TorchStateDict {
  /** Key → shape in PyTorch's order, and numbers as float32. Shared and transposed tensors are copies in C order. */
  tensors: StateDict;
  /** Tensors next to them whose numbers are not read: complex, 8-bit floats, quantised, sparse. */
  unread: UnreadTensor[];
  /** Where in the file they were, e.g. "state_dict"; "" when they are all there is. */
  where: string;
  /** All that was saved: `value.get("idx_to_class")` and the like. Its tensors are descriptions. */
  value: PythonValue;
}

/**
 * Reads the state dict in a file of `torch.save`. Other tensors (an optimizer's, raw weights beside averaged ones) are
 * not read at all. Float32, float64, float16, bfloat16, integers and booleans become float32.
 *
 * @throws CslError as `openTorchFile`; `invalid-file` when there is no state dict in it; `unsupported` when none of its
 * tensors is of a dtype that is read.
 */
export async function readTorchFile(path: string): Promise<TorchStateDict> {
  const file = await openTorchFile(path);
  try {
    const found = stateDictIn(path, file);
    const tensors: StateDict = new Map();
    const unread: UnreadTensor[] = [...found.unread].map(([key, kind]) => ({ key, dtype: kind, shape: [] }));
    const none = ![...found.tensors.values()].some(({ dtype }) => isReadable(dtype));
    for (const [key, tensor] of found.tensors) {
      const { dtype, shape } = tensor;
      if (isReadable(dtype) || none)
        tensors.set(key, { shape: [...shape], data: await file.read(tensor, key) });
      else unread.push({ key, dtype, shape });
    }
    return { tensors, unread, where: found.where, value: file.value };
  } finally {
    await file.close();
  }
}

function stateDictIn(path: string, { value, size }: TorchFile): FoundStateDict {
  try {
    const found = findStateDict(value);
    requireReasonable(found.tensors.values(), size);
    return found;
  } catch (cause) {
    const code = isCslError(cause) ? cause.code : "invalid-file";
    throw new CslError(code, `readTorchFile: ${path}: ${(cause as Error).message}. Is it a checkpoint?`, {
      cause,
    });
  }
}
