import type { Random } from "@csl/labels";

/** A whole number in [0, limit). */
export function randomBelow(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}
