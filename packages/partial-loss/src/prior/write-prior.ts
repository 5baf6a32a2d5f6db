import { type Prior, repeatedId } from "./prior.js";

/** Marks a prior file; `version` grows when its fields change. */
export const PRIOR_FORMAT = "csl-class-prior";

/**
 * The prior as JSON text: `{ format, version, source?, count?, classes: [{ id, name?, value }] }`.
 *
 * @throws when a value is no number in [0, 1], or ids and values do not pair up.
 */
export function writePrior(prior: Prior): string {
  const twice = repeatedId(prior.ids);
  if (prior.ids.length !== prior.values.length || twice !== undefined)
    throw new Error(
      `writePrior: expected one value per distinct id, got ${prior.ids.length} ids and ${prior.values.length} values${twice === undefined ? "" : `, "${twice}" twice`}.`,
    );
  const classes = prior.ids.map((id, i) => {
    const value = prior.values[i]!;
    if (!(value >= 0 && value <= 1))
      throw new Error(
        `writePrior: expected values in [0, 1], got ${value} for class ${id}. Was the model trained?`,
      );
    // Nine digits bring a float32 back bit for bit.
    return { id, ...(prior.names && { name: prior.names[i] }), value: Number(value.toPrecision(9)) };
  });
  const { source, count } = prior;
  return `${JSON.stringify({ format: PRIOR_FORMAT, version: 1, source, count, classes }, null, 1)}\n`;
}
