import { type FileHandle, open } from "node:fs/promises";
import { CslError } from "@csl/internal/errors/csl-error";

/** Bytes that are read where they are needed: a file of any size. */
export interface FileBytes {
  readonly size: number;
  /** Fills `target` from `position` on. @throws when the bytes end before. */
  readInto(target: Uint8Array, position: number): Promise<void>;
  close(): Promise<void>;
}

/** Bytes that one call of the system reads at most. */
const BLOCK = 1 << 28;

/** Opens a file for reading, at most `block` bytes at a time. @throws the system's error. */
export async function openFileBytes(
  path: string,
  { block = BLOCK }: { block?: number } = {},
): Promise<FileBytes> {
  const file = await open(path, "r");
  try {
    const stat = await file.stat();
    if (stat.isDirectory()) await file.read(Buffer.alloc(1)); // throws EISDIR
    return handleBytes(file, stat.size, block);
  } catch (error) {
    await file.close();
    throw error;
  }
}

function handleBytes(file: FileHandle, size: number, block: number): FileBytes {
  return {
    size,
    async readInto(target, position) {
      for (let at = 0; at < target.length; ) {
        const length = Math.min(block, target.length - at);
        const { bytesRead } = await file.read(target, at, length, position + at);
        if (bytesRead === 0) throw endOfFile(position + target.length, size);
        at += bytesRead;
      }
    },
    close: () => file.close(),
  };
}

/** The same of bytes in memory. */
export function memoryBytes(bytes: Uint8Array): FileBytes {
  return {
    size: bytes.length,
    async readInto(target, position) {
      if (position + target.length > bytes.length) throw endOfFile(position + target.length, bytes.length);
      target.set(bytes.subarray(position, position + target.length));
    },
    async close() {},
  };
}

/** So many bytes from `position` on; never more memory than the file has. */
export async function readBytes(file: FileBytes, position: number, length: number): Promise<Buffer> {
  if (!(length >= 0 && position >= 0 && position + length <= file.size))
    throw endOfFile(position + length, file.size);
  const bytes = Buffer.allocUnsafeSlow(length); // with an ArrayBuffer of its own
  await file.readInto(bytes, position);
  return bytes;
}

function endOfFile(expected: number, size: number): CslError {
  return new CslError(
    "invalid-file",
    `expected ${expected} bytes or more, got ${size}: the file is cut off or damaged`,
  );
}
