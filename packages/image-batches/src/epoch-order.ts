import { mulberry32 } from "@csl/internal/random/mulberry32";
import { shuffledIndices } from "@csl/internal/random/shuffled-indices";
import { mixSeeds } from "./mix-seeds.js";

export type EpochOrderOptions = {
  /** The positions to visit; undefined: all below `count`. */
  only: Uint32Array | undefined;
  shuffle: boolean;
  seed: number;
  epoch: number;
  rank: number;
  ranks: number;
};

/**
 * The positions that a rank visits in an epoch, in order. All ranks deal from one order, which (seed, epoch) alone
 * decides, like cards: rank r takes places r, r + ranks, … So the ranks are disjoint and equally long, and the first
 * k batches of all ranks together are the start of the common order. What does not go round (n mod ranks positions
 * at the end of the order; others in each epoch when shuffled) is left out.
 */
export function epochOrder(
  count: number,
  { only, shuffle, seed, epoch, rank, ranks }: EpochOrderOptions,
): Uint32Array {
  const total = only?.length ?? count;
  const shuffled = shuffle ? shuffledIndices(total, mulberry32(mixSeeds(seed, epoch))) : undefined;
  const order = new Uint32Array(Math.floor(total / ranks));
  for (let i = 0; i < order.length; i++) {
    const place = i * ranks + rank;
    const dealt = shuffled ? shuffled[place]! : place;
    order[i] = only ? only[dealt]! : dealt;
  }
  return order;
}
