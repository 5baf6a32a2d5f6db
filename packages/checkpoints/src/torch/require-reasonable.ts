import { CslError } from "@csl/internal/errors/csl-error";
import type { TorchTensor } from "./torch-tensor.js";

/** Tensors may repeat numbers (expanded ones have strides of 0), but not turn a small file into gigabytes. */
const MOST_GROWTH = 16;
const ALWAYS_FINE = 1 << 26; // bytes

/** What a file of so many bytes may take of memory: for all its tensors together, or for one packed entry. */
export function mostBytes(size: number): number {
  return MOST_GROWTH * size + ALWAYS_FINE;
}

/** @param size bytes of the file @throws for tensors that are together far larger than it */
export function requireReasonable(tensors: Iterable<TorchTensor>, size: number): void {
  let bytes = 0;
  for (const { shape } of tensors) {
    bytes += shape.reduce((product, length) => product * length, 4);
    if (!(bytes <= mostBytes(size)))
      throw new CslError(
        "invalid-file",
        `expected tensors of about the file's size (${size} bytes), got ${bytes} bytes up to one [${shape}] that repeats itself`,
      );
  }
}
