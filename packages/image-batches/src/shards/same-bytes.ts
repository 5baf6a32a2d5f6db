import { closeSync, openSync, readSync } from "node:fs";
import type { ByteRange } from "../sources/image-list.js";

/** Whether two parts of files hold the same bytes. For the few samples whose keys are repeated. */
export function sameBytes(a: ByteRange, b: ByteRange): boolean {
  if (a.length !== b.length) return false;
  if (a.file === b.file && a.offset === b.offset) return true;
  return bytesOf(a).equals(bytesOf(b));
}

function bytesOf({ file, offset, length }: ByteRange): Buffer {
  const handle = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(handle, bytes, 0, length, offset));
  } finally {
    closeSync(handle);
  }
}
