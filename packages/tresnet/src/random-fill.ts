import type { Random } from "@csl/internal/random/mulberry32";

/** Fills an array with uniform numbers in ±bound. */
export function fillUniform(out: Float32Array, bound: number, random: Random): Float32Array {
  for (let i = 0; i < out.length; i++) out[i] = (2 * random() - 1) * bound;
  return out;
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
