import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { Label } from "@csl/internal/labels/label";
import type { ClassList } from "./class-list.js";
import type { LabelTable } from "./label-table.js";
import { LabelTableBuilder } from "./label-table-builder.js";
import type { SampleIds } from "./sample-ids/sample-ids.js";

/**
 * A table from full rows, [samples, classes] labels one row after another.
 *
 * @throws when the length does not fit, or for a value other than 1, 0, -1 (with its sample and class).
 */
export function labelTableFromDense(
  classes: ClassList,
  sampleIds: readonly string[] | SampleIds,
  labels: ArrayLike<number>,
  options: { defaultLabel?: Label } = {},
): LabelTable {
  checkOptions("labelTableFromDense", options, { defaultLabel: true });
  const { defaultLabel = Label.Unannotated } = options;
  if (labels.length !== sampleIds.length * classes.size) {
    throw new CslError(
      "invalid-argument",
      `labelTableFromDense: expected ${sampleIds.length} samples × ${classes.size} classes = ` +
        `${sampleIds.length * classes.size} labels, got ${labels.length}.`,
    );
  }
  const builder = new LabelTableBuilder(classes, { defaultLabel, sampleIds });
  for (let sample = 0, i = 0; sample < sampleIds.length; sample++) {
    for (let c = 0; c < classes.size; c++, i++) {
      // A BigInt64Array, as tensors of int64 come, has the same numbers of another kind.
      const label = typeof (labels[i] as unknown) === "bigint" ? Number(labels[i]) : labels[i]!;
      if (label !== defaultLabel) builder.addAt(sample, c, label);
    }
  }
  return builder.build();
}
