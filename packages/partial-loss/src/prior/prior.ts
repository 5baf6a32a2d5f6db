import { CslError } from "@csl/internal/errors/csl-error";

/**
 * A class prior P_r: for every class the share of images in which it is expected, keyed by class id.
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

/** The first id that occurs twice, or undefined. */
export function repeatedId(ids: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) return id;
    seen.add(id);
  }
  return undefined;
}

/**
 * The prior's values in the order of `classIds`, matched by id.
 *
 * @throws CslError `mismatch` when the two do not name exactly the same classes; the message lists the first differences.
 */
export function priorVector(prior: Prior, classIds: readonly string[]): Float32Array {
  const position = new Map(prior.ids.map((id, i) => [id, i]));
  const missing = classIds.filter((id) => !position.has(id));
  const wanted = new Set(classIds);
  const unknown = prior.ids.filter((id) => !wanted.has(id));
  const { length } = prior.values;
  if (missing.length > 0 || unknown.length > 0 || length !== classIds.length || length !== prior.ids.length)
    throw new CslError(
      "mismatch",
      `priorVector: expected a prior for these ${classIds.length} classes, got ${length} values` +
        `${firstFew("; without a value", missing)}${firstFew("; not among the classes", unknown)}. ` +
        "Estimate the prior with the class list you train with.",
    );
  return Float32Array.from(classIds, (id) => prior.values[position.get(id)!]!);
}

/** "title: a, b, c, …"; nothing for an empty list. */
export function firstFew(title: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  return `${title}: ${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""}`;
}

/** The `k` classes with the largest prior, descending, ties in the order of the ids. */
export function topClasses(prior: Prior, k: number): { id: string; name?: string; value: number }[] {
  if (!Number.isInteger(k) || k < 0)
    throw new CslError("invalid-argument", `topClasses: expected k to be a whole number >= 0, got ${k}.`);
  return prior.ids
    .map((id, i) => ({ id, ...(prior.names && { name: prior.names[i]! }), value: prior.values[i]! }))
    .sort((a, b) => b.value - a.value)
    .slice(0, k);
}
