import type { Prior } from "./prior.js";

/**
 * The prior's values in the order of `classIds`, matched by id.
 *
 * @throws when the two do not name exactly the same classes; the message lists the first differences.
 */
export function priorVector(prior: Prior, classIds: readonly string[]): Float32Array {
  if (prior.values.length !== prior.ids.length)
    throw new Error(
      `priorVector: expected one value per id, got ${prior.values.length} values for ${prior.ids.length} ids. Read the file with readPrior.`,
    );
  const position = new Map(prior.ids.map((id, i) => [id, i]));
  const missing = classIds.filter((id) => !position.has(id));
  const wanted = new Set(classIds);
  const unknown = prior.ids.filter((id) => !wanted.has(id));
  if (missing.length > 0 || unknown.length > 0 || prior.ids.length !== classIds.length)
    throw new Error(
      `priorVector: expected a prior for these ${classIds.length} classes, got ${prior.ids.length} values` +
        `${list("; without a value", missing)}${list("; not among the classes", unknown)}. ` +
        "Estimate the prior with the class list you train with.",
    );
  return Float32Array.from(classIds, (id) => prior.values[position.get(id)!]!);
}

function list(title: string, ids: readonly string[]): string {
  if (ids.length === 0) return "";
  return `${title}: ${ids.slice(0, 3).join(", ")}${ids.length > 3 ? ` and ${ids.length - 3} more` : ""}`;
}
