import { keyBytes, type ShardIndex } from "./shard-index.js";

/** The keys of the samples of several shards, in order. */
export interface ShardKeys extends Iterable<string> {
  readonly length: number;
  at(position: number): string;
  /** The first position of a key; -1 when it is not there. */
  indexOf(key: string): number;
  /** All positions of a key, ascending: several where shards repeat it. */
  positionsOf(key: string): number[];
  /** How many samples have the key of one before them, and the first few of such keys with their positions. */
  readonly repeats: { readonly count: number; readonly examples: readonly KeyRepeat[] };
}

/** A key that two samples have, and where they are. */
export interface KeyRepeat {
  readonly key: string;
  readonly positions: readonly [number, number];
}

/** Says in which index a sample is, and where. */
export type FindSample = (position: number) => { index: ShardIndex; sample: number };

/** Keys that stay packed in their indexes. Their hash table takes 6 to 12 bytes a key, and is built when it is first needed. */
export function shardKeys(length: number, find: FindSample): ShardKeys {
  const decoder = new TextDecoder();
  let built: KeyTable | undefined;
  const keyBytesAt = (position: number): Uint8Array => {
    const { index, sample } = find(position);
    return keyBytes(index, sample);
  };
  const at = (position: number): string => decoder.decode(keyBytesAt(position));
  const table = (): KeyTable => {
    built ??= keyTable(length, find);
    return built;
  };
  const indexOf = (key: string): number => {
    const { slots } = table();
    return slots[findSlot(slots, Buffer.from(key), keyBytesAt)]! - 1;
  };
  return {
    length,
    at,
    indexOf,
    positionsOf(key) {
      const positions: number[] = [];
      const { next } = table();
      for (let position = indexOf(key); position >= 0; position = (next?.[position] ?? 0) - 1)
        positions.push(position);
      return positions;
    },
    get repeats() {
      const { repeats, examples } = table();
      return {
        count: repeats,
        examples: examples.map((positions) => ({ key: at(positions[0]), positions })),
      };
    },
    *[Symbol.iterator]() {
      for (let position = 0; position < length; position++) yield at(position);
    },
  };
}

interface KeyTable {
  /** Open addressing: position + 1 of the first sample with a key, or 0 where nothing is. */
  slots: Uint32Array;
  /** Position + 1 of the next sample with the same key, or 0, [length]. Undefined when all keys differ. */
  next: Uint32Array | undefined;
  repeats: number;
  examples: [number, number][];
}

const EXAMPLES = 3;

function keyTable(length: number, find: FindSample): KeyTable {
  // At most two thirds full.
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(2, length * 1.5))));
  const mask = slots.length - 1;
  /** Of the key in each slot: bytes are compared only where these are equal. */
  const hashes = new Uint32Array(slots.length);
  const table: KeyTable = { slots, next: undefined, repeats: 0, examples: [] };
  // From the last on, so that each comes before those that follow it.
  for (let position = length - 1; position >= 0; position--) {
    const { index, sample } = find(position);
    const h = hash(index.keys, sample === 0 ? 0 : index.keyEnds[sample - 1]!, index.keyEnds[sample]!);
    let slot = h & mask;
    for (; slots[slot] !== 0; slot = (slot + 1) & mask) {
      if (hashes[slot] !== h) continue;
      const other = find(slots[slot]! - 1);
      if (equal(keyBytes(other.index, other.sample), keyBytes(index, sample))) break;
    }
    const later = slots[slot]!;
    slots[slot] = position + 1;
    hashes[slot] = h;
    if (later === 0) continue;
    table.next ??= new Uint32Array(length);
    table.next[position] = later;
    table.repeats++;
    table.examples.unshift([position, later - 1]);
    if (table.examples.length > EXAMPLES) table.examples.pop();
  }
  return table;
}

/** The slot that holds the key, or the free one where it would go. */
function findSlot(table: Uint32Array, key: Uint8Array, keyBytesAt: (position: number) => Uint8Array): number {
  const mask = table.length - 1;
  for (let slot = hash(key, 0, key.length) & mask; ; slot = (slot + 1) & mask) {
    if (table[slot] === 0 || equal(keyBytesAt(table[slot]! - 1), key)) return slot;
  }
}

/** FNV-1a, with a last mix: keys often differ in their last digits only. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let h = 0x811c9dc5;
  for (let i = start; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
