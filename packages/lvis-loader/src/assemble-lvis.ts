import { CslError } from "@csl/internal/errors/csl-error";
import { ImageRecords } from "@csl/internal/labels/image-records";
import { ClassList, Label, type LabelTable, LabelTableBuilder } from "@csl/labels";
import type { Frequency, LvisColumns } from "./lvis-columns.js";

/** What an LVIS file held. Nothing is dropped without being counted here. */
export interface LvisCounts {
  images: number;
  annotations: number;
  categories: number;
  /** Cells of the table. */
  positives: number;
  negatives: number;
  /** Cells listed as not exhaustive that are positive. */
  notExhaustive: number;
  /** Cells annotated and listed as absent: positive. */
  contradictions: number;
  /** Cells listed as not exhaustive without an annotation; they stay as they are. */
  notExhaustiveUnannotated: number;
  /** Annotations that name an image, or a known image and a category, that the file does not list; left out. */
  unknownImages: number;
  unknownCategories: number;
  /** Entries of neg_category_ids and not_exhaustive_category_ids that name no category of the file; left out. */
  unknownListed: number;
  imagesWithoutAnnotations: number;
  /** Of these, images that have no verified negative either. */
  imagesWithoutLabels: number;
  /** Images listed again under the same id; the labels are merged. */
  repeatedImages: number;
  /** Ids of images that are listed under another id as well: one sample, with the labels of all. */
  sameImages: number;
  /** Ids that stand for two file names: left out. */
  unclearImages: number;
  /** Categories whose frequency is none of r, c, f. */
  categoriesWithoutFrequency: number;
}

export interface LvisLabels {
  /** Default un-annotated; sample ids are image ids as text, class ids category ids as text. */
  table: LabelTable;
  /** [samples] The last two parts of coco_url (`train2017/000000391895.jpg`); file_name where there is no URL. */
  fileNames: string[];
  /** [samples] coco_url, "" where the file gives none. */
  urls: string[];
  /** 1 for every stored cell of `table` (in the order of `table.entries`) that is listed as not exhaustive, else 0. */
  notExhaustive: Uint8Array;
  /** By class id. */
  frequency: Readonly<Record<string, Frequency>>;
  counts: LvisCounts;
  /** The first few images that are listed under several ids, and that are not clear, in words. */
  examples: { sameImages: string[]; unclearImages: string[] };
  /** What a person should know about the index next to the file: it was damaged, or could not be written. */
  note?: string;
}

export function assembleLvis(
  columns: LvisColumns,
  { dropUnannotated }: { dropUnannotated: boolean },
): LvisLabels {
  const { categories } = columns;
  if (categories.length === 0)
    throw new CslError("invalid-file", "expected at least one category, got an empty list.");
  const classes = ClassList.from(categories.map(({ id, name }) => ({ id, name })));
  const classOf = columns.categoryIds.texts().map((id) => (classes.has(id) ? classes.indexOf(id) : -1));
  const ids = columns.imageIds.texts();
  const images = new ImageRecords();
  // By id, where it is in the columns.
  const position = new Map<string, number>();
  columns.listed.forEach((image, i) => {
    const id = ids[image]!;
    if (!position.has(id)) position.set(id, i);
    images.add(id, { fileName: columns.fileNames[i]!, width: 0, height: 0 });
  });
  // By image number: where its sample is in the columns, -1 for an image that is not listed or not clear.
  const listedAt = Int32Array.from(ids, (id) => position.get(images.sampleId(id) ?? "") ?? -1);

  const annotated = new Uint8Array(columns.listed.length);
  let unknownImages = 0;
  let unknownCategories = 0;
  columns.positives.forEach((image, category, run) => {
    if (listedAt[image]! < 0) unknownImages += images.isUnclear(ids[image]!) ? 0 : run;
    else if (classOf[category]! < 0) unknownCategories += run;
    else annotated[listedAt[image]!] = 1;
  });
  const all = Array.from(images.sampleIds());
  const sampleIds = all.filter((id) => !dropUnannotated || annotated[position.get(id)!] === 1);
  const positions = sampleIds.map((id) => position.get(id)!);
  if (sampleIds.length === 0) {
    const unclear =
      images.unclear > 0 ? `, ${images.unclear} ids stand for several (${images.unclearExamples[0]})` : "";
    throw new CslError(
      "invalid-file",
      `expected images, got ${images.size} images${all.length > 0 && dropUnannotated ? ", none with an annotation" : ""}${unclear}.`,
    );
  }
  const samples = new Map(positions.map((at, sample) => [at, sample]));
  // By image number.
  const sampleOf = listedAt.map((at) => samples.get(at) ?? -1);

  const builder = new LabelTableBuilder(classes, { duplicates: "positive-wins", sampleIds });
  const labelled = new Uint8Array(sampleIds.length);
  const add = (image: number, category: number, label: Label): boolean => {
    const sample = sampleOf[image]!;
    const classIndex = classOf[category]!;
    if (sample < 0 || classIndex < 0) return classIndex >= 0;
    builder.addAt(sample, classIndex, label);
    labelled[sample] = 1;
    return true;
  };
  let unknownListed = 0;
  columns.positives.forEach((image, category) => {
    add(image, category, Label.Positive);
  });
  columns.negatives.forEach((image, category, run) => {
    if (!add(image, category, Label.Negative)) unknownListed += run;
  });
  const table = builder.build();

  const notExhaustive = new Uint8Array(table.entries.length);
  let notExhaustiveUnannotated = 0;
  columns.notExhaustive.forEach((image, category, run) => {
    const sample = sampleOf[image]!;
    const classIndex = classOf[category]!;
    if (classIndex < 0) unknownListed += run;
    else if (sample < 0) return;
    else if (table.label(sample, classIndex) !== Label.Positive) notExhaustiveUnannotated++;
    else notExhaustive[table.findEntry(sample, classIndex)] = 1;
  });

  let positives = 0;
  table.forEachEntry((_sample, _class, label) => {
    if (label === Label.Positive) positives++;
  });
  const count = (flags: Uint8Array, flag: number): number =>
    flags.reduce((n, f) => n + (f === flag ? 1 : 0), 0);
  const withFrequency = categories.filter(({ frequency }) => frequency !== undefined);
  return {
    table,
    fileNames: positions.map((at) => columns.fileNames[at]!),
    urls: positions.map((at) => columns.urls[at]!),
    notExhaustive,
    frequency: Object.fromEntries(withFrequency.map(({ id, frequency }) => [id, frequency!])),
    counts: {
      images: images.size,
      annotations: columns.annotations,
      categories: classes.size,
      positives,
      negatives: table.entries.length - positives,
      notExhaustive: count(notExhaustive, 1),
      contradictions: builder.conflicts,
      notExhaustiveUnannotated,
      unknownImages,
      unknownCategories,
      unknownListed,
      imagesWithoutAnnotations: all.length - count(annotated, 1),
      imagesWithoutLabels: count(labelled, 0),
      repeatedImages: images.repeated,
      sameImages: images.same,
      unclearImages: images.unclear,
      categoriesWithoutFrequency: categories.length - withFrequency.length,
    },
    examples: { sameImages: images.sameExamples, unclearImages: images.unclearExamples },
  };
}
