import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import { readError } from "@csl/internal/errors/read-error";
import { type WritableFile, writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import type { StateDict } from "@csl/internal/tensors/state-dict";
import { dtypes } from "./dtypes.js";
import {
  dtypeNames,
  type HeaderEntry,
  headerLength,
  LENGTH_BYTES,
  parseLayout,
  type SafetensorsLayout,
  type UnreadTensor,
} from "./safetensors-layout.js";
import { type FileBytes, openFileBytes, readBytes } from "./torch/file-bytes.js";

/** A tensor to be written. I64 is for counters: beyond 2^53 a float32 has no exact integers. */
export interface SafeTensor {
  shape: readonly number[];
  data: Float32Array;
  /** How to store it; default F32. */
  dtype?: "F32" | "I64";
}

/** What a safetensors file holds: tensors as float32, and texts by name. */
export interface Safetensors {
  tensors: StateDict;
  /** Tensors of other dtypes (complex, 8-bit floats and smaller), whose numbers are not read. */
  unread: UnreadTensor[];
  metadata: Record<string, string>;
}

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
  const header: Record<string, HeaderEntry | Record<string, string>> = { __metadata__: { ...metadata } };
  let offset = 0;
  for (const [name, { shape, data, dtype = "F32" }] of tensors) {
    const size = shape.reduce((a, b) => a * b, 1);
    if (size !== data.length)
      throw new CslError(
        "invalid-argument",
        `${speaker}: expected ${size} numbers for "${name}" [${shape}], got ${data.length}.`,
      );
    const bytes = size * dtypes[dtypeNames[dtype]!]!.size;
    header[name] = { dtype, shape: [...shape], data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padding = (8 - (json.length % 8)) % 8; // spaces, so that the numbers begin on a multiple of 8
  const head = Buffer.alloc(8 + json.length + padding, " ");
  head.writeBigUInt64LE(BigInt(json.length + padding));
  json.copy(head, 8);
  // Tensor by tensor, so that a model is never held twice.
  const write = async (file: WritableFile): Promise<void> => {
    await file.writeFile(head);
    for (const { data, dtype } of tensors.values()) {
      const bytes = dtype === "I64" ? BigInt64Array.from(data, (x) => BigInt(x)) : data;
      await file.writeFile(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    }
  };
  await writeFileAtomically(path, write, speaker);
}

/**
 * Reads a safetensors file of any size. All dtypes but complex and 8-bit float ones become float32.
 *
 * @throws CslError `not-found`, `cannot-read`, and as {@link parseSafetensors}.
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

/**
 * The content of a safetensors file from its bytes.
 *
 * @throws CslError `invalid-file` when the bytes are no safetensors file, end early, or when tensors overlap, leave bytes
 * unused or contradict their shape; `unsupported` for a dtype that the format does not have.
 */
export function parseSafetensors(bytes: Uint8Array): Safetensors {
  const speaker = "parseSafetensors";
  const length = headerLength(speaker, bytes, bytes.length);
  const { places, unread, metadata } = parseLayout(
    speaker,
    bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length),
    bytes.length,
  );
  const tensors: StateDict = new Map();
  for (const [name, { shape, dtype, from, bytes: size }] of places) {
    // A copy, so that any alignment in the file is fine. (Buffer's own slice would be a view.)
    const numbers = Uint8Array.prototype.slice.call(bytes, from, from + size).buffer;
    tensors.set(name, { shape, data: dtype.decode(numbers) });
  }
  return { tensors, unread, metadata };
}
