import { mulberry32, type Random } from "@csl/internal/random/mulberry32";
import type { SplitName } from "./scene-set.js";

const splitSalt: Record<SplitName, number> = { train: 1, val: 2, ood: 3 };

/** The random numbers of one scene: a function of (seed, split, index) alone, so no scene depends on another. */
export function sceneRandom(seed: number, split: SplitName, index: number): Random {
  return mulberry32(mix(mix(mix(seed) + splitSalt[split]) + index));
}

/** MurmurHash3's finaliser: a permutation of the 32-bit integers, so within a split no two scenes share a seed. */
function mix(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
