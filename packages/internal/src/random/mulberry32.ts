import { CslError } from "../errors/csl-error.js";

/** A source of uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * mulberry32 (Tommy Ettinger, public domain): 32 bits of state, the same sequence on every machine because it
 * only uses 32-bit integer arithmetic. Good enough to draw masks and shuffles; not for cryptography.
 *
 * @param seed an integer; taken modulo 2^32.
 */
export function mulberry32(seed: number): Random {
  if (!Number.isSafeInteger(seed)) {
    throw new CslError("invalid-argument", `mulberry32: expected an integer seed, got ${String(seed)}.`);
  }
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
