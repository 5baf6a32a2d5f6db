import type { LabelTable } from "@csl/labels";

/** The areas that belong to `table.select(samples)`: one for every stored cell, in its order. */
export function selectAreas(
  table: LabelTable,
  areas: Float32Array,
  samples: ArrayLike<number>,
): Float32Array {
  if (areas.length !== table.entries.length) {
    throw new Error(
      `selectAreas: expected ${table.entries.length} areas, one a stored cell, got ${areas.length}.`,
    );
  }
  const parts = Array.from(samples, (sample) =>
    areas.subarray(table.offsets[sample]!, table.offsets[sample + 1]!),
  );
  const chosen = new Float32Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    chosen.set(part, at);
    at += part.length;
  }
  return chosen;
}
