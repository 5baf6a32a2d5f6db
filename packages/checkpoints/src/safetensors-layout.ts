import { CslError } from "@csl/internal/errors/csl-error";
import { type Dtype, dtypes } from "./dtypes.js";
import { findAmbiguity } from "./find-ambiguity.js";

/** Where the numbers of a tensor are in a file. */
export interface TensorPlace {
  shape: number[];
  dtype: Dtype;
  /** First byte, counted from the beginning of the file. */
  from: number;
  bytes: number;
}

/** A tensor whose numbers are not read: complex ones and those of fewer than 16 bits with a point. */
export interface UnreadTensor {
  key: string;
  dtype: string;
  shape: readonly number[];
}

/** What a safetensors file says before its numbers. */
export interface SafetensorsLayout {
  places: Map<string, TensorPlace>;
  unread: UnreadTensor[];
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
  U64: "uint64",
  I32: "int32",
  U32: "uint32",
  I16: "int16",
  U16: "uint16",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};

/** Bits of a number of the format's other dtypes. */
const unreadBits: Readonly<Record<string, number>> = {
  C64: 64,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
};

/** Bytes before the header: its length. One more tells whether a header follows. */
export const LENGTH_BYTES = 8;

/** The reference implementation reads no longer header. */
const longestHeader = 100_000_000;

/**
 * Bytes of the header, from the first nine bytes of a file of `size` bytes.
 *
 * @param speaker the function, and the file where there is one, as errors begin.
 */
export function headerLength(speaker: string, first: Uint8Array, size: number): number {
  if (first.length < LENGTH_BYTES) throw notSafetensors(speaker, `${first.length} bytes`);
  const length = Number(new DataView(first.buffer, first.byteOffset).getBigUint64(0, true));
  if (first[LENGTH_BYTES] !== 0x7b)
    throw notSafetensors(speaker, "something else (no JSON header at byte 8)");
  if (length > longestHeader)
    throw notSafetensors(speaker, `one whose header has ${length} bytes, more than ${longestHeader}`);
  if (length < 2 || LENGTH_BYTES + length > size)
    throw notSafetensors(speaker, `a file that is cut off in its header (${size} bytes)`);
  return length;
}

/**
 * The places of all tensors, by the bytes of the header of a file of `size` bytes. As strict as the reference
 * implementation: every byte behind the header belongs to one tensor, and the header means the same to every reader.
 */
export function parseLayout(speaker: string, bytes: Uint8Array, size: number): SafetensorsLayout {
  const header = parseHeader(speaker, bytes);
  const { __metadata__: metadata, ...entries } = header;
  const places = new Map<string, TensorPlace>();
  const unread: UnreadTensor[] = [];
  const start = LENGTH_BYTES + bytes.length;
  let end = 0;
  for (const [name, entry] of inOrder(speaker, entries)) {
    const [from, to] = entry.data_offsets;
    if (from !== end)
      throw wrong(
        speaker,
        `"${name}" to begin at byte ${end} of the numbers, where the one before ends`,
        String(from),
      );
    end = to;
    const place = placeOf(speaker, name, entry);
    if (place) places.set(name, { ...place, from: start + from });
    else unread.push({ key: name, dtype: entry.dtype, shape: entry.shape });
  }
  if (start + end !== size) {
    const why = start + end > size ? "the file is cut off" : "there is more behind its tensors";
    throw wrong(speaker, `${start + end} bytes`, `${size}: ${why}`);
  }
  return { places: inHeaderOrder(places, entries), unread, metadata: texts(speaker, metadata) };
}

function parseHeader(speaker: string, bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw notSafetensors(speaker, "one whose header is not UTF-8", cause);
  }
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(text); // an object: it begins with {
  } catch (cause) {
    throw notSafetensors(speaker, "one whose JSON header does not parse", cause);
  }
  const ambiguous = findAmbiguity(text);
  if (ambiguous) throw notSafetensors(speaker, `one whose header has ${ambiguous}`);
  return header;
}

/** Entries by where their numbers begin, and then end. */
function inOrder(speaker: string, entries: Readonly<Record<string, unknown>>): [string, HeaderEntry][] {
  const checked = Object.entries(entries).map(([name, entry]): [string, HeaderEntry] => {
    if (!isEntry(entry)) throw wrong(speaker, `dtype, shape and offsets for "${name}"`, "others");
    return [name, entry];
  });
  return checked.sort(([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1]);
}

function inHeaderOrder(
  places: Map<string, TensorPlace>,
  entries: Readonly<Record<string, unknown>>,
): Map<string, TensorPlace> {
  return new Map(
    Object.keys(entries).flatMap((name) => {
      const place = places.get(name);
      return place ? [[name, place] as const] : [];
    }),
  );
}

/** Undefined for a dtype that is not read. */
function placeOf(
  speaker: string,
  name: string,
  { dtype: dtypeName, shape, data_offsets }: HeaderEntry,
): Omit<TensorPlace, "from"> | undefined {
  const dtype = Object.hasOwn(dtypeNames, dtypeName) ? dtypes[dtypeNames[dtypeName]!] : undefined;
  const bits = dtype
    ? dtype.size * 8
    : Object.hasOwn(unreadBits, dtypeName)
      ? unreadBits[dtypeName]
      : undefined;
  if (bits === undefined)
    throw new CslError(
      "unsupported",
      `${speaker}: expected a dtype of the format for "${name}" (${Object.keys(dtypeNames).join(", ")}, …), got ${dtypeName.slice(0, 40)}.`,
    );
  const bytes = data_offsets[1] - data_offsets[0];
  // Exact whatever the shape says: a size beyond 2^53 is not that of any file.
  const needed = shape.reduce((product, length) => product * BigInt(length), BigInt(bits));
  if (needed !== BigInt(bytes) * 8n)
    throw wrong(speaker, `the numbers of "${name}" to fill [${shape}] as ${dtypeName}`, `${bytes} bytes`);
  return dtype && { shape, dtype, bytes };
}

function texts(speaker: string, metadata: unknown): Record<string, string> {
  if (metadata === undefined || metadata === null) return {};
  const isTexts =
    typeof metadata === "object" &&
    !Array.isArray(metadata) &&
    Object.values(metadata).every((value) => typeof value === "string");
  if (!isTexts)
    throw wrong(speaker, "a text for each name in __metadata__", JSON.stringify(metadata).slice(0, 60));
  return metadata as Record<string, string>;
}

function wrong(speaker: string, expected: string, got: string): CslError {
  return new CslError("invalid-file", `${speaker}: expected ${expected}, got ${got}.`);
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
