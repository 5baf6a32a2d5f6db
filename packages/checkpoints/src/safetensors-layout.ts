import { CslError } from "@csl/internal/errors/csl-error";
import { type Dtype, dtypes } from "./dtypes.js";

/** Where the numbers of a tensor are in a file. */
export interface TensorPlace {
  shape: number[];
  dtype: Dtype;
  /** First byte, counted from the beginning of the file. */
  from: number;
  bytes: number;
}

/** What a safetensors file says before its numbers. */
export interface SafetensorsLayout {
  places: Map<string, TensorPlace>;
  metadata: Record<string, string>;
}

export interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** The format's names of the dtypes that are read. */
export const dtypeNames: Readonly<Record<string, string>> = {
  F32: "float32",
  F64: "float64",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
};

/** Bytes before the header: its length. One more tells whether a header follows. */
export const LENGTH_BYTES = 8;

/**
 * Bytes of the header, from the first nine bytes of a file of `size` bytes.
 *
 * @param speaker the function, and the file where there is one, as errors begin.
 */
export function headerLength(speaker: string, first: Uint8Array, size: number): number {
  if (first.length < LENGTH_BYTES) throw notSafetensors(speaker, `${first.length} bytes`);
  const length = Number(new DataView(first.buffer, first.byteOffset).getBigUint64(0, true));
  if (first[LENGTH_BYTES] !== 0x7b || length > 100_000_000)
    throw notSafetensors(speaker, "something else (no JSON header at byte 8)");
  if (LENGTH_BYTES + length > size)
    throw notSafetensors(speaker, `a file that is cut off in its header (${size} bytes)`);
  return length;
}

/** The places of all tensors, by the bytes of the header of a file of `size` bytes. */
export function parseLayout(speaker: string, bytes: Uint8Array, size: number): SafetensorsLayout {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw notSafetensors(speaker, "one whose JSON header does not parse", cause);
  }
  const { __metadata__: metadata = {}, ...entries } = header as Record<string, HeaderEntry> & {
    __metadata__?: Record<string, string>;
  };
  const start = LENGTH_BYTES + bytes.length;
  const places = new Map<string, TensorPlace>();
  for (const [name, entry] of Object.entries(entries))
    places.set(name, placeOf(speaker, name, entry, { start, size }));
  return { places, metadata };
}

function placeOf(
  speaker: string,
  name: string,
  entry: unknown,
  { start, size }: { start: number; size: number },
): TensorPlace {
  const wrong = (expected: string, got: string): CslError =>
    new CslError("invalid-file", `${speaker}: expected ${expected}, got ${got}.`);
  if (!isEntry(entry)) throw wrong(`dtype, shape and offsets for "${name}"`, "others");
  const { dtype: dtypeName, shape, data_offsets } = entry;
  const dtype = Object.hasOwn(dtypeNames, dtypeName) ? dtypes[dtypeNames[dtypeName]!] : undefined;
  if (!dtype)
    throw new CslError(
      "unsupported",
      `${speaker}: expected ${Object.keys(dtypeNames).join(", ")} for "${name}", got ${dtypeName}.`,
    );
  const [from, to] = data_offsets;
  const bytes = to - from;
  if (start + to > size) throw wrong(`${start + to} bytes or more`, `${size}: the file is cut off`);
  if (bytes % dtype.size !== 0) throw wrong(`numbers of ${dtype.size} bytes for "${name}"`, `${bytes} bytes`);
  if (bytes / dtype.size !== shape.reduce((a, b) => a * b, 1))
    throw wrong(`the numbers of "${name}" to fill [${shape}]`, String(bytes / dtype.size));
  return { shape, dtype, from: start + from, bytes };
}

function notSafetensors(speaker: string, got: string, cause?: unknown): CslError {
  return new CslError("invalid-file", `${speaker}: expected a safetensors file, got ${got}.`, { cause });
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
