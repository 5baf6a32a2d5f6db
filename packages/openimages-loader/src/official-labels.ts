import { CslError } from "@csl/internal/errors/csl-error";
import { ClassList } from "@csl/labels";
import { readClassDescriptions, readClassIds } from "./classes/class-descriptions.js";
import { expandHierarchy } from "./classes/expand-hierarchy.js";
import { filterBySupport } from "./classes/filter-by-support.js";
import { readHierarchy } from "./classes/hierarchy.js";
import { imageNames } from "./images/image-names.js";
import { readLabelFiles } from "./label-files/read-label-files.js";
import type { OfficialFiles, OpenImagesSplit } from "./official-files.js";
import type { ReadLabels, ReadLabelsContext } from "./open-images-options.js";

/** A split's labels out of the official label files. */
export async function readOfficialLabels(
  files: OfficialFiles,
  split: OpenImagesSplit,
  { options, notes }: ReadLabelsContext,
): Promise<ReadLabels> {
  const {
    labels,
    machine = false,
    conflicts,
    machineThreshold,
    minimumSupport,
    index,
    signal,
    onProgress,
  } = options;
  const human = labels === "boxable" ? files.boxable : (files.human ?? files.boxable);
  if (!human && !machine) {
    throw new CslError(
      "not-found",
      `readOpenImages: expected the ${labels ?? "human"} label file of ${split}, got ${files.human ? "the human one only" : "machine labels only (take them by machine: true)"}.`,
    );
  }
  if (human && human === files.boxable && labels !== "boxable")
    notes.push("Labels are those of the boxable images.");
  if (machine && !files.machine) {
    throw new CslError(
      "not-found",
      `readOpenImages: expected the machine label file of ${split}, got none. Download it, or leave machine off.`,
    );
  }
  const paths = [...(human ? [human] : []), ...(machine && files.machine ? [files.machine] : [])];
  const classes = await officialClasses(files, { options, notes });
  const read = await readLabelFiles(paths, {
    classes: classes ?? "collect",
    ...(conflicts ? { conflicts } : {}),
    ...(machineThreshold === undefined ? {} : { machineThreshold }),
    ...(index === undefined ? {} : { index }),
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
  });
  const report: ReadLabels["report"] = { form: "official", labels: read.report };
  let { table } = read;
  if (options.hierarchy) {
    if (!files.hierarchy) {
      throw new CslError(
        "not-found",
        "readOpenImages: expected bbox_labels_600_hierarchy.json in the folder, got none. Download it, or leave hierarchy off.",
      );
    }
    const { table: expanded, ...counts } = expandHierarchy(table, await readHierarchy(files.hierarchy));
    table = expanded;
    report.hierarchy = counts;
  }
  if (minimumSupport) table = filterBySupport(table, minimumSupport);
  // As the public bucket has them; @csl/datasets finds images by id in any layout.
  return { table, fileNames: imageNames(table.sampleIds, split), report };
}

/** The class list: given, trainable, described, or undefined for "all that occur". */
async function officialClasses(
  files: OfficialFiles,
  { options, notes }: ReadLabelsContext,
): Promise<ClassList | undefined> {
  if (options.classes) return options.classes;
  const path = files.descriptions ?? files.boxableDescriptions;
  const described = path === undefined ? undefined : await readClassDescriptions(path);
  if (options.trainable ?? true) {
    if (files.trainable) {
      const ids = await readClassIds(files.trainable);
      const nameOf = (id: string): string =>
        described?.has(id) ? described.names[described.indexOf(id)]! : id;
      return ClassList.from(ids.map((id) => ({ id, name: nameOf(id) })));
    }
    notes.push("There is no classes-trainable.txt: all classes are kept.");
  }
  if (!described)
    notes.push("There are no class descriptions: classes are those that occur, named by their ids.");
  return described;
}
