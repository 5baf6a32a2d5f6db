import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Sha256 } from "@csl/internal/bytes/sha256";
import { type LabelRow, labelOf, withLabel } from "./label-rows.js";

/** A label to set where the entry holds `from`. */
export interface LabelEdit {
  image: string;
  classId: string;
  from: number;
  to: number;
}

/** `same`: it holds the new label already. `differs`: it holds another one than `from`, and keeps it. */
export type EditResult = "changed" | "same" | "differs" | "unknown-class" | "unknown-image";

export interface EditedLabels {
  lines: string[];
  /** Of a file of these lines. */
  sha256: string;
  /** What became of each edit, in their order. */
  results: EditResult[];
}

/** The lines of a label file with these entries changed. Images are found by their id or their path. */
export async function editLabels(
  rows: AsyncIterable<LabelRow> | Iterable<LabelRow>,
  edits: readonly LabelEdit[],
  classIds: readonly string[],
): Promise<EditedLabels> {
  const order = new Map(classIds.map((id, i) => [id, i]));
  const results = edits.map((): EditResult => "unknown-image");
  const ofImage = new Map<string, number[]>();
  for (const [i, { image }] of edits.entries()) ofImage.set(image, [...(ofImage.get(image) ?? []), i]);
  const lines: string[] = [];
  const sum = new Sha256();
  for await (const given of rows) {
    let row = given;
    for (const i of ofImage.get(row.id ?? row.path) ?? ofImage.get(row.path) ?? []) {
      const { classId, from, to } = edits[i]!;
      const label = labelOf(row, classId);
      results[i] = !order.has(classId)
        ? "unknown-class"
        : label === to
          ? "same"
          : label === from
            ? "changed"
            : "differs";
      if (results[i] === "changed") row = withLabel(row, { classId, label: to, order });
    }
    const line = JSON.stringify(row);
    lines.push(line);
    sum.update(`${line}\n`);
  }
  return { lines, sha256: sum.hex(), results };
}

/** The rows of a label file of ours. */
export async function* readRows(path: string): AsyncGenerator<LabelRow, void, undefined> {
  const lines = createInterface({
    input: createReadStream(path, "utf8"),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  for await (const line of lines) if (line !== "") yield JSON.parse(line) as LabelRow;
}
