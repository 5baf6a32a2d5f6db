import type { WritableFile } from "@csl/internal/files/write-file-atomically";

/** A tensor as it lies in a safetensors file. I64 is for counters: beyond 2^53 it is refused. */
export interface SafeTensor {
  shape: readonly number[];
  data: Float32Array;
  /** How to store it; default F32. */
  dtype?: "F32" | "I64";
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * Writes the format of https://github.com/huggingface/safetensors: the header's length (8 bytes, little endian),
 * a JSON header, the numbers. Tensor by tensor, so that a model is never held twice.
 */
export async function writeSafetensors(
  file: Pick<WritableFile, "writeFile">,
  tensors: ReadonlyMap<string, SafeTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const header: Record<string, HeaderEntry | Record<string, string>> = { __metadata__: { ...metadata } };
  let offset = 0;
  for (const [name, { shape, data, dtype = "F32" }] of tensors) {
    const size = shape.reduce((a, b) => a * b, 1);
    if (size !== data.length)
      throw new Error(
        `writeSafetensors: expected ${size} numbers for "${name}" [${shape}], got ${data.length}.`,
      );
    const bytes = size * bytesOf[dtype];
    header[name] = { dtype, shape: [...shape], data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padding = (8 - (json.length % 8)) % 8; // spaces, so that the numbers begin on a multiple of 8
  const head = Buffer.alloc(8 + json.length + padding, " ");
  head.writeBigUInt64LE(BigInt(json.length + padding));
  json.copy(head, 8);
  await file.writeFile(head);
  for (const { data, dtype } of tensors.values()) {
    const bytes = dtype === "I64" ? BigInt64Array.from(data, (x) => BigInt(x)) : data;
    await file.writeFile(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
}

/**
 * Reads a whole safetensors file. F32, F64, F16, BF16 and I64 become float32.
 *
 * @throws when the bytes are no safetensors file, when they end early, or for another dtype.
 */
export function readSafetensors(bytes: Uint8Array): {
  tensors: Map<string, { shape: number[]; data: Float32Array }>;
  metadata: Record<string, string>;
} {
  const { header, start } = readHeader(bytes);
  const { __metadata__: metadata = {}, ...entries } = header as Record<string, HeaderEntry> & {
    __metadata__?: Record<string, string>;
  };
  const tensors = new Map<string, { shape: number[]; data: Float32Array }>();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(entries)) {
    const decode = decoders[dtype];
    if (!decode)
      throw new Error(
        `readSafetensors: expected ${Object.keys(decoders).join(", ")} for "${name}", got ${dtype}.`,
      );
    const [from, to] = data_offsets;
    if (start + to > bytes.length)
      throw new Error(
        `readSafetensors: expected ${start + to} bytes or more, got ${bytes.length}: the file is cut off.`,
      );
    // A copy, so that any alignment in the file is fine. (Buffer's own slice would be a view.)
    const data = decode(Uint8Array.prototype.slice.call(bytes, start + from, start + to).buffer);
    if (data.length !== shape.reduce((a, b) => a * b, 1))
      throw new Error(
        `readSafetensors: expected the numbers of "${name}" to fill [${shape}], got ${data.length}.`,
      );
    tensors.set(name, { shape, data });
  }
  return { tensors, metadata };
}

function readHeader(bytes: Uint8Array): { header: unknown; start: number } {
  const no = (what: string): Error => new Error(`readSafetensors: expected a safetensors file, got ${what}.`);
  if (bytes.length < 8) throw no(`${bytes.length} bytes`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (bytes[8] !== 0x7b || length > 100_000_000) throw no("something else (no JSON header at byte 8)");
  if (8 + length > bytes.length) throw no(`a file that is cut off in its header (${bytes.length} bytes)`);
  try {
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    return { header, start: 8 + length };
  } catch (cause) {
    throw new Error("readSafetensors: expected a JSON header, got text that does not parse.", { cause });
  }
}

const bytesOf = { F32: 4, I64: 8 } as const;

const decoders: Record<string, (buffer: ArrayBuffer) => Float32Array> = {
  F32: (buffer) => new Float32Array(buffer),
  F64: (buffer) => Float32Array.from(new Float64Array(buffer)),
  F16: (buffer) => Float32Array.from(new Uint16Array(buffer), halfToNumber),
  BF16: (buffer) => new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer),
  I64: (buffer) => Float32Array.from(new BigInt64Array(buffer), Number),
};

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
