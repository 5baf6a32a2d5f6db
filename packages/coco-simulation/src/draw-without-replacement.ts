import type { Random } from "@csl/internal/random/mulberry32";

/**
 * min(count, items) of the items, each set equally likely (the first steps of Fisher–Yates). One draw for every item
 * taken; none when all are taken, which then keep their order.
 */
export function drawWithoutReplacement(items: Uint32Array, count: number, random: Random): Uint32Array {
  if (count >= items.length) return items;
  const pool = items.slice();
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (pool.length - i));
    const kept = pool[i]!;
    pool[i] = pool[j]!;
    pool[j] = kept;
  }
  return pool.subarray(0, count);
}
