import { CslError } from "../errors/csl-error.js";
import type { Random } from "./mulberry32.js";

/** The numbers 0 … n-1 in random order (Fisher–Yates, from the end; n - 1 draws). @throws unless n is a whole number. */
export function shuffledIndices(n: number, random: Random): Uint32Array {
  if (!(Number.isInteger(n) && n >= 0))
    throw new CslError("invalid-argument", `shuffledIndices: expected a whole number, got ${n}.`);
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}
