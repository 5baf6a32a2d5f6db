import { keyBytes, type ShardIndex } from "./shard-index.js";

/** The keys of the samples of several shards, in order. */
export interface ShardKeys extends Iterable<string> {
  readonly length: number;
  at(position: number): string;
  /** The first position of a key; -1 when it is not there. */
  indexOf(key: string): number;
}

/** Says in which index a sample is, and where. */
export type FindSample = (position: number) => { index: ShardIndex; sample: number };

/** Keys that stay packed in their indexes. Looking one up builds a hash table of 6 to 12 bytes a key, once. */
export function shardKeys(length: number, find: FindSample): ShardKeys {
  const decoder = new TextDecoder();
  let table: Uint32Array | undefined;
  const keyBytesAt = (position: number): Uint8Array => {
    const { index, sample } = find(position);
    return keyBytes(index, sample);
  };
  const at = (position: number): string => decoder.decode(keyBytesAt(position));
  return {
    length,
    at,
    indexOf(key) {
      table ??= hashTable(length, keyBytesAt);
      const bytes = Buffer.from(key);
      const slot = findSlot(table, bytes, keyBytesAt);
      return table[slot]! - 1;
    },
    *[Symbol.iterator]() {
      for (let position = 0; position < length; position++) yield at(position);
    },
  };
}

/** Open addressing: position + 1, or 0 where nothing is. Of equal keys the first stays. */
function hashTable(length: number, keyBytesAt: (position: number) => Uint8Array): Uint32Array {
  // At most two thirds full.
  const table = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(2, length * 1.5))));
  for (let position = 0; position < length; position++) {
    const slot = findSlot(table, keyBytesAt(position), keyBytesAt);
    if (table[slot] === 0) table[slot] = position + 1;
  }
  return table;
}

/** The slot that holds the key, or the free one where it would go. */
function findSlot(table: Uint32Array, key: Uint8Array, keyBytesAt: (position: number) => Uint8Array): number {
  const mask = table.length - 1;
  for (let slot = hash(key) & mask; ; slot = (slot + 1) & mask) {
    if (table[slot] === 0 || equal(keyBytesAt(table[slot]! - 1), key)) return slot;
  }
}

/** FNV-1a, with a last mix: keys often differ in their last digits only. */
function hash(bytes: Uint8Array): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
