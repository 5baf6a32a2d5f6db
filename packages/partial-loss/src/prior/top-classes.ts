import type { Prior } from "./prior.js";

export interface RankedClass {
  id: string;
  name?: string;
  value: number;
}

/** The `k` classes with the largest prior, descending, ties in the order of the ids. */
export function topClasses(prior: Prior, k: number): RankedClass[] {
  if (!Number.isInteger(k) || k < 0)
    throw new Error(`topClasses: expected k to be a whole number >= 0, got ${k}.`);
  return prior.ids
    .map((id, i) => ({ id, ...(prior.names && { name: prior.names[i]! }), value: prior.values[i]! }))
    .sort((a, b) => b.value - a.value)
    .slice(0, k);
}
