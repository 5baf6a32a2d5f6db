import type { Random } from "@csl/internal/random/mulberry32";

/** A whole number in [0, limit). */
export function randomBelow(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}
