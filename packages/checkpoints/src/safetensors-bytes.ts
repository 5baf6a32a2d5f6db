import { CslError } from "@csl/internal/errors/csl-error";
import type { StateDict } from "@csl/internal/tensors/state-dict";
import { dtypes } from "./dtypes.js";
import {
  dtypeNames,
  type HeaderEntry,
  headerLength,
  LENGTH_BYTES,
  parseLayout,
  type UnreadTensor,
} from "./safetensors-layout.js";

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
    // A copy, so that any alignment in the file is fine. (The slice of Node's Buffer would be a view.)
    const numbers = Uint8Array.prototype.slice.call(bytes, from, from + size).buffer;
    tensors.set(name, { shape, data: dtype.decode(numbers) });
  }
  return { tensors, unread, metadata };
}

/**
 * The bytes of a safetensors file, in pieces, so that a model is never held twice: the header's length (8 bytes, little
 * endian) and the JSON header, then the numbers tensor by tensor.
 *
 * @param speaker the function that errors begin with.
 * @throws CslError `invalid-argument` when numbers do not fill their shape.
 */
export function safetensorsPieces(
  speaker: string,
  tensors: ReadonlyMap<string, SafeTensor>,
  metadata: Readonly<Record<string, string>>,
): { head: Uint8Array; numbers: Iterable<Uint8Array> } {
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
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padding = (8 - (json.length % 8)) % 8; // spaces, so that the numbers begin on a multiple of 8
  const head = new Uint8Array(LENGTH_BYTES + json.length + padding).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(json.length + padding), true);
  head.set(json, LENGTH_BYTES);
  return { head, numbers: numbersOf(tensors) };
}

function* numbersOf(tensors: ReadonlyMap<string, SafeTensor>): Generator<Uint8Array> {
  for (const { data, dtype } of tensors.values()) {
    const bytes = dtype === "I64" ? BigInt64Array.from(data, (x) => BigInt(x)) : data;
    yield new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}
