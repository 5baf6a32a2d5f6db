import { mulberry32, shuffledIndices } from "@csl/labels";
import { mixSeeds } from "./mix-seeds.js";

/**
 * The positions in `paths` that an epoch visits, in order: `positions` as they stand, or shuffled by
 * (seed, epoch) alone.
 */
export function epochOrder(
  positions: ArrayLike<number>,
  { shuffle, seed, epoch }: { shuffle: boolean; seed: number; epoch: number },
): Uint32Array {
  const order = Uint32Array.from(positions);
  if (!shuffle) return order;
  const shuffled = shuffledIndices(order.length, mulberry32(mixSeeds(seed, epoch)));
  return Uint32Array.from(shuffled, (i) => order[i]!);
}
