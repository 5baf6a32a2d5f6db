/**
 * A class prior P_r: for every class the share of pictures in which it is expected, keyed by class id.
 * `values[i]` belongs to `ids[i]` and lies in [0, 1].
 */
export interface Prior {
  readonly ids: readonly string[];
  readonly values: Float32Array;
  readonly names?: readonly string[];
  /** How many samples the estimate averages. */
  readonly count?: number;
  /** Where it comes from, in words. */
  readonly source?: string;
}

/** The message of the first id that occurs twice, or undefined. */
export function repeatedId(ids: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) return id;
    seen.add(id);
  }
  return undefined;
}
