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
