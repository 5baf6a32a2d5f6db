import { HexIds } from "./hex-ids.js";
import { TextIds } from "./text-ids.js";

/**
 * The ids of a table's samples, in order. Packed: ten million strings would take half a gigabyte and seconds to
 * load; 16 hexadecimal digits (OpenImages) take 8 bytes, other ids their UTF-8 bytes and 4 more.
 */
export interface SampleIds extends Iterable<string> {
  readonly length: number;
  /** @throws RangeError outside 0 … length - 1. */
  at(index: number): string;
  /** The first position of an id; -1 when it is not there. */
  indexOf(id: string): number;
  /** Whether an earlier position holds the same id. */
  isRepeat(index: number): boolean;
  /** The ids at these positions, in this order. */
  select(indices: ArrayLike<number>): SampleIds;
}

const HEX = /^[0-9a-f]{16}$/;

/** Packs ids; packed ones come back as they are. */
export function sampleIdsFrom(ids: readonly string[] | SampleIds): SampleIds {
  if (!Array.isArray(ids)) return ids as SampleIds;
  const texts = ids as readonly string[];
  texts.forEach((id, i) => {
    if (typeof id !== "string") {
      throw new Error(
        `sampleIdsFrom: expected texts, got ${JSON.stringify(id)} at ${i}. Numeric ids: String(id).`,
      );
    }
  });
  return texts.every((id) => HEX.test(id)) ? HexIds.from(texts) : TextIds.from(texts);
}

/** Ids of 16 hexadecimal digits from their numbers, [samples, 2]: the upper 32 bits, then the lower. */
export function hexSampleIds(words: Uint32Array): SampleIds {
  return new HexIds(words);
}

/** Ids of any text from their UTF-8, one after another; id i ends before byte `ends[i]`. */
export function textSampleIds(bytes: Uint8Array, ends: Uint32Array): SampleIds {
  return new TextIds(bytes, ends);
}
