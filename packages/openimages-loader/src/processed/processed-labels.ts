import { CslError } from "@csl/internal/errors/csl-error";
import { ClassList, selectClasses } from "@csl/labels";
import { filterBySupport } from "../classes/filter-by-support.js";
import { readMidToClasses, repairClassName } from "../classes/mid-to-classes.js";
import { imageNames } from "../images/image-names.js";
import type { OpenImagesSplit } from "../official-files.js";
import type { ReadLabels, ReadLabelsContext } from "../open-images-options.js";
import { readProcessedCsv } from "./processed-csv.js";

/** A split's labels out of the reference authors' `data.csv`, named by `mid_to_classes.pth`. */
export async function readProcessedLabels(
  files: { processed: string; processedNames?: string },
  split: OpenImagesSplit | "val",
  { options, notes }: ReadLabelsContext,
): Promise<ReadLabels> {
  const { classes, index, signal, onProgress, minimumSupport } = options;
  const { splits, report } = await readProcessedCsv(files.processed, {
    ...(classes ? { classes } : {}),
    ...(index === undefined ? {} : { index }),
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
  });
  const has = Object.keys(splits);
  const called = [split, ...(split === "train" ? [] : ["val", "validation", "test"])].find((name) =>
    has.includes(name),
  );
  const found = called === undefined ? undefined : splits[called];
  if (!found) {
    throw new CslError(
      "not-found",
      `readOpenImages: expected the split ${split} in ${files.processed}, got ${has.join(", ")}.`,
    );
  }
  if (called !== split)
    notes.push(`${split} is what data.csv calls ${called}: OpenImages' test set, says the reference.`);
  let { table } = found;
  if (!classes && files.processedNames) {
    const names = await readMidToClasses(files.processedNames);
    // All classes of the file are columns, so that train and val have the same.
    const list = ClassList.from([...names].map(([id, name]) => ({ id, name: repairClassName(name) })));
    const outside = table.classes.ids.filter((id) => !list.has(id));
    if (outside.length > 0) {
      notes.push(
        `${outside.length} classes of data.csv are not in mid_to_classes.pth and left out (${outside.slice(0, 3).join(", ")}).`,
      );
    }
    table = selectClasses(table, list);
  } else if (!classes)
    notes.push(
      "There is no mid_to_classes.pth: classes are those that occur in data.csv, named by their ids.",
    );
  if (minimumSupport) table = filterBySupport(table, minimumSupport);
  return {
    table,
    fileNames: imageNames(found.fileNames, (name) => name),
    report: { form: "processed", labels: report },
  };
}
