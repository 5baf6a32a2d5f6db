import { readFile } from "node:fs/promises";
import { CslError } from "@csl/internal/errors/csl-error";
import { readError } from "@csl/internal/errors/read-error";
import { type WritableFile, writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import type { StateDict } from "@csl/internal/tensors/state-dict";
import { dtypes } from "./dtypes.js";

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
  metadata: Record<string, string>;
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** The format's names of the dtypes that are read. */
const dtypeNames: Readonly<Record<string, string>> = {
  F32: "float32",
  F64: "float64",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
};

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
 * Reads a safetensors file. F32, F64, F16, BF16 and I64 become float32.
 *
 * @throws CslError `not-found`, `cannot-read`, and as {@link parseSafetensors}.
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  return readTensors("readSafetensors", path);
}

/** As {@link readSafetensors}, with the name of the function that errors begin with. */
export async function readTensors(speaker: string, path: string): Promise<Safetensors> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw readError(speaker, path, cause, "a safetensors file");
  });
  return parseTensors(`${speaker}: ${path}`, bytes);
}

/**
 * The content of a safetensors file from its bytes.
 *
 * @throws CslError `invalid-file` when the bytes are no safetensors file or end early; `unsupported` for another dtype.
 */
export function parseSafetensors(bytes: Uint8Array): Safetensors {
  return parseTensors("parseSafetensors", bytes);
}

function parseTensors(speaker: string, bytes: Uint8Array): Safetensors {
  const { header, start } = parseHeader(speaker, bytes);
  const { __metadata__: metadata = {}, ...entries } = header as Record<string, HeaderEntry> & {
    __metadata__?: Record<string, string>;
  };
  const tensors: StateDict = new Map();
  for (const [name, entry] of Object.entries(entries)) {
    if (!isEntry(entry))
      throw new CslError(
        "invalid-file",
        `${speaker}: expected dtype, shape and offsets for "${name}", got others.`,
      );
    const { dtype, shape, data_offsets } = entry;
    const known = Object.hasOwn(dtypeNames, dtype) ? dtypes[dtypeNames[dtype]!] : undefined;
    if (!known)
      throw new CslError(
        "unsupported",
        `${speaker}: expected ${Object.keys(dtypeNames).join(", ")} for "${name}", got ${dtype}.`,
      );
    const [from, to] = data_offsets;
    const wrong = (expected: string, got: string): CslError =>
      new CslError("invalid-file", `${speaker}: expected ${expected}, got ${got}.`);
    if (start + to > bytes.length)
      throw wrong(`${start + to} bytes or more`, `${bytes.length}: the file is cut off`);
    if ((to - from) % known.size !== 0)
      throw wrong(`numbers of ${known.size} bytes for "${name}"`, `${to - from} bytes`);
    // A copy, so that any alignment in the file is fine. (Buffer's own slice would be a view.)
    const data = known.decode(Uint8Array.prototype.slice.call(bytes, start + from, start + to).buffer);
    if (data.length !== shape.reduce((a, b) => a * b, 1))
      throw wrong(`the numbers of "${name}" to fill [${shape}]`, String(data.length));
    tensors.set(name, { shape, data });
  }
  return { tensors, metadata };
}

function parseHeader(speaker: string, bytes: Uint8Array): { header: unknown; start: number } {
  const no = (what: string, cause?: unknown): CslError =>
    new CslError("invalid-file", `${speaker}: expected a safetensors file, got ${what}.`, { cause });
  if (bytes.length < 8) throw no(`${bytes.length} bytes`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (bytes[8] !== 0x7b || length > 100_000_000) throw no("something else (no JSON header at byte 8)");
  if (8 + length > bytes.length) throw no(`a file that is cut off in its header (${bytes.length} bytes)`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  } catch (cause) {
    throw no("one whose JSON header does not parse", cause);
  }
  return { header, start: 8 + length };
}

function isEntry(value: unknown): value is HeaderEntry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Partial<HeaderEntry>;
  const isSizes = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((size) => Number.isSafeInteger(size) && size >= 0);
  return (
    typeof dtype === "string" &&
    isSizes(shape) &&
    isSizes(offsets) &&
    offsets.length === 2 &&
    offsets[0]! <= offsets[1]!
  );
}
