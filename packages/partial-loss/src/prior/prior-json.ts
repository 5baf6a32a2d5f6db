import { CslError } from "@csl/internal/errors/csl-error";
import { parseJson } from "@csl/internal/json/parse-json";
import { type Prior, priorVector, repeatedId } from "./prior.js";
import { checkedValue, invalidFile, type ParsedPrior, type PriorClass } from "./prior-csv.js";

/** Marks a prior file; `version` grows when its fields change. */
const format = "csl-class-prior";

/**
 * The prior as JSON text: `{ format, version, source?, count?, classes: [{ id, name?, value }] }`.
 *
 * @throws CslError `invalid-argument` when a value is no number in [0, 1], or ids and values do not pair up.
 */
export function stringifyPrior(prior: Prior): string {
  const repeated = repeatedId(prior.ids);
  if (prior.ids.length !== prior.values.length || repeated !== undefined)
    throw new CslError(
      "invalid-argument",
      `stringifyPrior: expected one value per distinct id, got ${prior.ids.length} ids and ${prior.values.length} values${repeated === undefined ? "" : `, "${repeated}" twice`}.`,
    );
  const classes = prior.ids.map((id, i) => {
    const value = prior.values[i]!;
    if (!(value >= 0 && value <= 1))
      throw new CslError(
        "invalid-argument",
        `stringifyPrior: expected values in [0, 1], got ${value} for class ${id}. Was the model trained?`,
      );
    // Nine digits bring a float32 back bit for bit.
    return { id, ...(prior.names && { name: prior.names[i] }), value: Number(value.toPrecision(9)) };
  });
  const { source, count } = prior;
  return `${JSON.stringify({ format, version: 1, source, count, classes }, null, 1)}\n`;
}

/** Parses what {@link stringifyPrior} gave; see `parsePrior`. */
export function parsePriorJson(text: string, classes?: readonly PriorClass[]): ParsedPrior {
  let file: { format?: unknown; version?: unknown; source?: unknown; count?: unknown; classes?: unknown };
  try {
    file = (parseJson(text) ?? {}) as typeof file;
  } catch (cause) {
    throw invalidFile(
      `expected JSON, got text that does not parse (${(cause as Error).message}). Is the file cut off?`,
      { cause },
    );
  }
  if (file.format !== format || file.version !== 1 || !Array.isArray(file.classes))
    throw invalidFile(
      `expected { format: "${format}", version: 1, classes: […] }, got format ${JSON.stringify(file.format)}, version ${JSON.stringify(file.version)}. Is this a prior file?`,
    );
  const repairs: string[] = [];
  const rows = (file.classes as { id?: unknown; name?: unknown; value?: unknown }[]).map((row, i) => {
    if (typeof row?.id !== "string")
      throw invalidFile(`expected an id as text for class ${i}, got ${JSON.stringify(row?.id)}.`);
    return { ...row, id: row.id, value: checkedValue(`class ${row.id}`, row.value, repairs) };
  });
  const ids = rows.map((row) => row.id);
  const repeated = repeatedId(ids);
  if (repeated !== undefined)
    throw invalidFile(`expected every class once, got "${repeated}" twice. Remove one of its entries.`);
  const names = rows.every((row) => typeof row.name === "string") && rows.map((row) => row.name as string);
  const prior: Prior = {
    ids,
    values: Float32Array.from(rows, (row) => row.value),
    ...(names && { names }),
    ...(typeof file.count === "number" && { count: file.count }),
    ...(typeof file.source === "string" && { source: file.source }),
  };
  if (!classes) return { ...prior, repairs };
  const wanted = classes.map(({ id }) => id);
  return {
    ...prior,
    ids: wanted,
    values: priorVector(prior, wanted),
    names: classes.map(({ name }) => name),
    repairs,
  };
}
