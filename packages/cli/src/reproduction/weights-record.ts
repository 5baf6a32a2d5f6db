import type { StateDict } from "@csl/checkpoints";
import { hashFile } from "@csl/internal/files/hash-file";
import { differingMarks, Mark, readMarks, writeMarks } from "./mark.js";

/** What is kept of weights, to say later which have changed. */
export interface WeightsRecord {
  /** SHA-256 of the file. */
  file: string;
  /** Marks by tensor, one for each thousand of its numbers. */
  tensors: Record<string, string>;
}

const PER_MARK = 1024;

export async function recordWeights(path: string, state: StateDict): Promise<WeightsRecord> {
  const tensors = Object.fromEntries([...state].map(([key, { data }]) => [key, writeMarks(marksOf(data))]));
  return { file: await hashFile(path), tensors };
}

function marksOf(data: Float32Array): number[] {
  const bits = new Int32Array(data.buffer, data.byteOffset, data.length);
  const marks: number[] = [];
  for (let from = 0; from < Math.max(1, bits.length); from += PER_MARK) {
    const mark = new Mark();
    for (const pattern of bits.subarray(from, from + PER_MARK)) mark.add(pattern);
    marks.push(mark.value);
  }
  return marks;
}

/** Changes that are named one by one. */
const NAMED = 10;

/** What has changed in weights since a record of them: the tensors, and which of their numbers. */
export function weightChanges(before: WeightsRecord, state: StateDict): string[] {
  const keys = [...new Set([...Object.keys(before.tensors), ...state.keys()])];
  const changes = keys.flatMap((key) => {
    const tensor = state.get(key);
    const was = before.tensors[key];
    if (!tensor) return [`weights: ${key} is no longer there`];
    if (was === undefined) return [`weights: ${key} is new`];
    const [old, now] = [readMarks(was), Uint32Array.from(marksOf(tensor.data))];
    if (old.length !== now.length) return [`weights: ${key} has another size`];
    const parts = differingMarks(old, now);
    if (parts.length === 0) return [];
    const { length } = tensor.data;
    const [from, to] = [parts[0]! * PER_MARK, Math.min(length, (parts[0]! + 1) * PER_MARK) - 1];
    const where =
      parts.length > 1
        ? `${parts.length} of ${now.length} parts`
        : `among numbers ${from} to ${to} of ${length}`;
    return [`weights: ${key} [${tensor.shape.join(", ")}] has other numbers, ${where}`];
  });
  return changes.length > NAMED
    ? [...changes.slice(0, NAMED), `weights: and ${changes.length - NAMED} more tensors`]
    : changes;
}
