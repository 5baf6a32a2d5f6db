import { isCslError } from "@csl/internal/errors/csl-error";
import { readError } from "@csl/internal/errors/read-error";
import { type WritableFile, writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import type { StateDict } from "@csl/internal/tensors/state-dict";
import { type SafeTensor, type Safetensors, safetensorsPieces } from "./safetensors-bytes.js";
import { headerLength, LENGTH_BYTES, parseLayout, type SafetensorsLayout } from "./safetensors-layout.js";
import { type FileBytes, openFileBytes, readBytes } from "./torch/file-bytes.js";

/**
 * Writes the format of https://github.com/huggingface/safetensors: the header's length (8 bytes, little endian), a JSON
 * header, the numbers. The path holds the old file or the whole new one at any moment, also when the power fails.
 *
 * @throws CslError `invalid-argument` when numbers do not fill their shape; `cannot-write` naming the file and the reason.
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, SafeTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeTensors("writeSafetensors", path, tensors, metadata);
}

/** As {@link writeSafetensors}, with the name of the function that errors begin with. */
export async function writeTensors(
  speaker: string,
  path: string,
  tensors: ReadonlyMap<string, SafeTensor>,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const { head, numbers } = safetensorsPieces(speaker, tensors, metadata);
  const write = async (file: WritableFile): Promise<void> => {
    await file.writeFile(head);
    for (const piece of numbers) await file.writeFile(piece);
  };
  await writeFileAtomically(path, write, speaker);
}

/**
 * Reads a safetensors file of any size. All dtypes but complex and 8-bit float ones become float32.
 *
 * @throws CslError `not-found`, `cannot-read`, and as `parseSafetensors`.
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  return readTensors("readSafetensors", path);
}

/**
 * As {@link readSafetensors}, with the name of the function that errors begin with.
 *
 * @param wanted by name, which tensors are read; the others cost neither time nor memory.
 */
export async function readTensors(
  speaker: string,
  path: string,
  { wanted = () => true }: { wanted?: (name: string, metadata: Safetensors["metadata"]) => boolean } = {},
): Promise<Safetensors> {
  const unreadable = (cause: unknown): never => {
    throw readError(speaker, path, cause, "a safetensors file");
  };
  const file = await openFileBytes(path).catch(unreadable);
  try {
    const { places, unread, metadata } = await readLayout(`${speaker}: ${path}`, file);
    const tensors: StateDict = new Map();
    // Tensor by tensor: Node reads no file of 2 GiB or more at once.
    for (const [name, { shape, dtype, from, bytes }] of places) {
      if (!wanted(name, metadata)) continue;
      const numbers = await readBytes(file, from, bytes);
      tensors.set(name, { shape, data: dtype.decode(numbers.buffer as ArrayBuffer) });
    }
    return { tensors, unread, metadata };
  } catch (error) {
    throw isCslError(error) ? error : unreadable(error);
  } finally {
    await file.close();
  }
}

async function readLayout(speaker: string, file: FileBytes): Promise<SafetensorsLayout> {
  const { size } = file;
  const length = headerLength(speaker, await readBytes(file, 0, Math.min(LENGTH_BYTES + 1, size)), size);
  return parseLayout(speaker, await readBytes(file, LENGTH_BYTES, length), size);
}
