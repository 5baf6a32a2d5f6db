import { CslError } from "@csl/internal/errors/csl-error";

/** How the numbers of one format are stored, and how they become float32. */
export interface Dtype {
  /** As PyTorch calls it: "float32". */
  readonly name: string;
  /** Bytes of one number. */
  readonly size: number;
  /** Little-endian numbers, aligned to their size, to float32. The result may share the buffer. */
  readonly decode: (buffer: ArrayBuffer) => Float32Array;
}

const decoders: Record<string, [size: number, decode: Dtype["decode"]]> = {
  float32: [4, (buffer) => new Float32Array(buffer)],
  float64: [8, (buffer) => Float32Array.from(new Float64Array(buffer))],
  float16: [2, (buffer) => mapped(new Uint16Array(buffer), halfToNumber)],
  bfloat16: [2, (buffer) => mapped(new Uint16Array(buffer), brainToNumber)],
  int64: [8, (buffer) => mapped(new BigInt64Array(buffer), Number)],
  uint64: [8, (buffer) => mapped(new BigUint64Array(buffer), Number)],
  int32: [4, (buffer) => Float32Array.from(new Int32Array(buffer))],
  uint32: [4, (buffer) => Float32Array.from(new Uint32Array(buffer))],
  int16: [2, (buffer) => Float32Array.from(new Int16Array(buffer))],
  uint16: [2, (buffer) => Float32Array.from(new Uint16Array(buffer))],
  int8: [1, (buffer) => Float32Array.from(new Int8Array(buffer))],
  uint8: [1, (buffer) => Float32Array.from(new Uint8Array(buffer))],
  bool: [1, (buffer) => mapped(new Uint8Array(buffer), (byte) => Number(byte !== 0))],
  // A file may hold such tensors beside those that are wanted.
  qint8: [1, notRead],
  quint8: [1, notRead],
  qint32: [4, notRead],
  complex64: [8, notRead],
  complex128: [16, notRead],
  float8_e4m3fn: [1, notRead],
  float8_e4m3fnuz: [1, notRead],
  float8_e5m2: [1, notRead],
  float8_e5m2fnuz: [1, notRead],
};

function notRead(): never {
  throw new CslError("unsupported", "expected float16 to float64, integers or booleans, got another dtype");
}

/** The number formats by PyTorch's names. `decode` throws for complex, quantised and 8-bit float ones. */
export const dtypes: Readonly<Record<string, Dtype>> = Object.fromEntries(
  Object.entries(decoders).map(([name, [size, decode]]) => [name, { name, size, decode }]),
);

/** Whether numbers of a dtype become float32 here. */
export function isReadable(dtype: string): boolean {
  return Object.hasOwn(decoders, dtype) && decoders[dtype]![1] !== notRead;
}

/** As `Float32Array.from`, which goes through an iterator. */
function mapped<T>(numbers: ArrayLike<T>, map: (number: T) => number): Float32Array {
  const out = new Float32Array(numbers.length);
  for (let i = 0; i < out.length; i++) out[i] = map(numbers[i]!);
  return out;
}

const oneFloat = new Float32Array(1);
const itsBits = new Uint32Array(oneFloat.buffer);

/** The upper half of a float32. */
function brainToNumber(bits: number): number {
  itsBits[0] = bits << 16;
  return oneFloat[0]!;
}

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
