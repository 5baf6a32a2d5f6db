/**
 * The ids of a table's samples, in order. Packed: ten million strings would take half a gigabyte and seconds to
 * load; 16 hexadecimal digits (OpenImages) take 8 bytes, other ids their UTF-8 bytes and 4 more.
 */
export interface SampleIds extends Iterable<string> {
  readonly length: number;
  /** @throws CslError `invalid-argument` outside 0 … length - 1. */
  at(index: number): string;
  /** The first position of an id; -1 when it is not there. */
  indexOf(id: string): number;
  /** Whether an earlier position holds the same id. */
  isRepeat(index: number): boolean;
  /** The ids at these positions, in this order. */
  select(indices: ArrayLike<number>): SampleIds;
}
