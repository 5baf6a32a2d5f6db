import { mulberry32 } from "@csl/internal/random/mulberry32";
import { shuffledIndices } from "@csl/internal/random/shuffled-indices";

export type EpochOrderOptions = {
  /** The positions to visit; undefined: all below `count`. */
  only: Uint32Array | undefined;
  shuffle: boolean;
  seed: number;
  epoch: number;
  batchSize: number;
  rank: number;
  ranks: number;
};

/**
 * The positions that a rank visits in an epoch, in order. All ranks share one order, which (seed, epoch) alone decides, and
 * take its batches in turn: batch b of rank r is batch b · ranks + r of one process. So a step of all ranks is a step of one
 * process that accumulates as many batches. What is left for no full round of batches is shared equally; the last n mod ranks
 * positions of the order (others in each epoch when shuffled) are left out.
 */
export function epochOrder(
  count: number,
  { only, shuffle, seed, epoch, batchSize, rank, ranks }: EpochOrderOptions,
): Uint32Array {
  const total = only?.length ?? count;
  const shuffled = shuffle ? shuffledIndices(total, mulberry32(mixSeeds(seed, epoch))) : undefined;
  const order = new Uint32Array(Math.floor(total / ranks));
  const full = order.length - (order.length % batchSize);
  const rest = order.length - full;
  for (let i = 0; i < order.length; i++) {
    const inBatch = i % batchSize;
    const place =
      i < full ? (i - inBatch) * ranks + rank * batchSize + inBatch : full * ranks + rank * rest + inBatch;
    const chosen = shuffled ? shuffled[place]! : place;
    order[i] = only ? only[chosen]! : chosen;
  }
  return order;
}

/**
 * One 32-bit seed from several whole numbers, each of which changes all its bits. So every image of every
 * epoch has a stream of its own that depends on no order of work. (Murmur3's mixing steps)
 */
export function mixSeeds(...numbers: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const number of numbers) {
    hash = Math.imul(hash ^ scramble(number), 0x85ebca6b);
    hash = (hash << 13) | (hash >>> 19);
  }
  return scramble(hash);
}

/** Murmur3's finaliser: a bijection of the 32-bit numbers. */
function scramble(number: number): number {
  let h = number | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
