import { mulberry32, type Random } from "@csl/internal/random/mulberry32";

/** Random numbers with a key mixed into the seed, so that every tensor has its own stream. */
export function seededRandom(seed: number, key: string): Random {
  let state = 0x811c9dc5 ^ seed;
  for (let i = 0; i < key.length; i++) state = Math.imul(state ^ key.charCodeAt(i), 0x01000193);
  return mulberry32(state);
}

/** Fills an array with normal numbers of mean 0 (Marsaglia's polar method: two numbers a turn, no sine). */
export function fillNormal(out: Float32Array, deviation: number, random: Random): Float32Array {
  for (let i = 0; i < out.length; ) {
    const u = 2 * random() - 1;
    const v = 2 * random() - 1;
    const s = u * u + v * v;
    if (s >= 1 || s === 0) continue;
    const factor = deviation * Math.sqrt((-2 * Math.log(s)) / s);
    out[i++] = u * factor;
    if (i < out.length) out[i++] = v * factor;
  }
  return out;
}
