import { type Prior, repeatedId } from "./prior.js";
import { priorVector } from "./prior-vector.js";
import type { PriorReading } from "./read-prior.js";
import { checkedValue, type PriorClass } from "./read-prior-csv.js";
import { PRIOR_FORMAT } from "./write-prior.js";

/** Reads what `writePrior` wrote; see {@link readPrior}. */
export function readPriorJson(text: string, classes?: readonly PriorClass[]): PriorReading {
  let file: { format?: unknown; version?: unknown; source?: unknown; count?: unknown; classes?: unknown };
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw new Error(
      `readPrior: expected JSON, got text that does not parse (${(cause as Error).message}). Is the file cut off?`,
      { cause },
    );
  }
  if (file.format !== PRIOR_FORMAT || file.version !== 1 || !Array.isArray(file.classes))
    throw new Error(
      `readPrior: expected { format: "${PRIOR_FORMAT}", version: 1, classes: […] }, got format ${JSON.stringify(file.format)}, version ${JSON.stringify(file.version)}. Is this a prior file?`,
    );
  const repairs: string[] = [];
  const rows = (file.classes as { id?: unknown; name?: unknown; value?: unknown }[]).map((row, i) => {
    if (typeof row?.id !== "string")
      throw new Error(`readPrior: expected an id as text for class ${i}, got ${JSON.stringify(row?.id)}.`);
    return { ...row, id: row.id, value: checkedValue(`class ${row.id}`, row.value, repairs) };
  });
  const ids = rows.map((row) => row.id);
  const twice = repeatedId(ids);
  if (twice !== undefined)
    throw new Error(`readPrior: expected every class once, got "${twice}" twice. Remove one of its entries.`);
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
