import type { Random } from "@csl/internal/random/mulberry32";

/** What code tends to get wrong, as texts of numbers and of other values. */
const awkwardTexts = [
  "-1",
  "0",
  "-0",
  "1.5",
  "1e999",
  "-1e999",
  "9007199254740993",
  "18446744073709551616",
  "NaN",
  "Infinity",
  "null",
  "true",
  "[]",
  "{}",
  '""',
  "__proto__",
  "constructor",
  "\u0000",
  "\uFEFF",
  "e\u0301",
  '"',
  "\n",
  ",",
];

const awkwardBytes = [0, 1, 0x7f, 0x80, 0xfe, 0xff];

/** A whole number from 0 to `below` - 1. */
export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[below(random, list.length)]!;
}

type Mutation = (
  bytes: Buffer,
  random: Random,
  context: { words: readonly string[]; other: Buffer },
) => Buffer;

/** A part of the bytes, short ones more often than long ones. */
function range(bytes: Buffer, random: Random): [from: number, to: number] {
  const from = below(random, bytes.length + 1);
  const length = Math.ceil((bytes.length - from) * random() ** 4);
  return [from, from + length];
}

function replaced(bytes: Buffer, from: number, to: number, by: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]);
}

const mutations: readonly Mutation[] = [
  function flipBit(bytes, random) {
    if (bytes.length > 0) bytes[below(random, bytes.length)]! ^= 1 << below(random, 8);
    return bytes;
  },
  function setByte(bytes, random) {
    const value = random() < 0.5 ? pick(random, awkwardBytes) : below(random, 256);
    if (bytes.length > 0) bytes[below(random, bytes.length)] = value;
    return bytes;
  },
  function setWord(bytes, random) {
    const size = pick(random, [2, 4, 8]);
    const value = pick(random, [
      0n,
      1n,
      0x7fff_ffffn,
      0x8000_0000n,
      0xffff_ffffn,
      2n ** 53n,
      2n ** 64n - 1n,
      BigInt(bytes.length),
    ]);
    const word = Buffer.alloc(8);
    word.writeBigUInt64LE(value);
    const at = below(random, Math.max(1, bytes.length - size));
    return replaced(bytes, at, at + size, word.subarray(0, size));
  },
  function cut(bytes, random) {
    return bytes.subarray(0, below(random, bytes.length + 1));
  },
  function remove(bytes, random) {
    return replaced(bytes, ...range(bytes, random), Buffer.alloc(0));
  },
  function repeat(bytes, random) {
    const [from, to] = range(bytes, random);
    return replaced(bytes, to, to, bytes.subarray(from, to));
  },
  function insertNoise(bytes, random) {
    const at = below(random, bytes.length + 1);
    return replaced(
      bytes,
      at,
      at,
      Buffer.from(Array.from({ length: 1 + below(random, 16) }, () => below(random, 256))),
    );
  },
  function insertWord(bytes, random, { words }) {
    const at = below(random, bytes.length + 1);
    return replaced(bytes, at, at, Buffer.from(pick(random, [...awkwardTexts, ...words])));
  },
  function replaceNumber(bytes, random, { words }) {
    const text = bytes.toString("latin1");
    const numbers = [...text.matchAll(/-?\d+(?:\.\d+)?/g)];
    if (numbers.length === 0) return bytes;
    const { index, 0: number } = pick(random, numbers);
    return replaced(
      bytes,
      index,
      index + number.length,
      Buffer.from(pick(random, [...awkwardTexts, ...words])),
    );
  },
  function splice(bytes, random, { other }) {
    return replaced(bytes, ...range(bytes, random), other.subarray(...range(other, random)));
  },
];

/** The sample after a few random mutations, at least one of which changes it; `words` are texts of the format. */
export function mutate(
  sample: Uint8Array,
  random: Random,
  { words = [], other = sample }: { words?: readonly string[] | undefined; other?: Uint8Array } = {},
): Buffer {
  const context = { words, other: Buffer.from(other) };
  let bytes: Buffer = Buffer.from(sample);
  const least = 1 + below(random, 4);
  // Some mutations have nothing to change.
  for (let i = 0; i < least || (i < 20 && bytes.equals(sample)); i++)
    bytes = pick(random, mutations)(Buffer.from(bytes), random, context);
  return bytes;
}
