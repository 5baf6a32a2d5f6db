import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { errorAbout } from "@csl/internal/errors/error-about";
import { badNumberId, type JsonCursor } from "@csl/internal/json/json-cursor";
import { type ScanOptions, scanJson } from "@csl/internal/json/scan-json";
import { type ImageRecord, ImageRecords } from "@csl/internal/labels/image-records";
import { ClassList, Label, type LabelTable, LabelTableBuilder } from "@csl/labels";
import { AnnotationColumns } from "./annotation-columns.js";

/** What an instances file held. Nothing is dropped without being counted here. */
export interface CocoCounts {
  images: number;
  annotations: number;
  categories: number;
  /** Annotations of a crowd (`iscrowd`): they make their class positive like any other. */
  crowds: number;
  /** Annotations that name an image or a category that the file does not list; left out. */
  unknownImages: number;
  unknownCategories: number;
  imagesWithoutAnnotations: number;
  /** Images listed again under the same id. */
  repeatedImages: number;
  /** Ids of images that are listed under another id as well: one sample, with the labels of all. */
  sameImages: number;
  /** Ids that stand for two file names, and those of a file name that has two sizes: left out. */
  unclearImages: number;
}

export interface CocoInstances {
  /** Full truth: default negative; sample ids are image ids as text, class ids category ids as text. */
  table: LabelTable;
  /** [samples] */
  fileNames: string[];
  /** Width and height, [samples, 2]; 0 where the file does not say. */
  sizes: Uint32Array;
  /**
   * Visible area (px²) of the largest single object, one for every stored cell of `table` (the order of
   * `table.entries`); 0 for a class that is there only as a crowd. `largestObject()` draws by it.
   */
  areas: Float32Array;
  /**
   * Ids of the categories that all others have as their supercategory: no classes of objects, but the name of the whole,
   * as Roboflow writes it.
   */
  rootCategories: string[];
  counts: CocoCounts;
  /** The first few images that are listed under several ids, and that are not clear, in words. */
  examples: { sameImages: string[]; unclearImages: string[] };
}

export interface ReadCocoOptions extends ScanOptions {
  /**
   * `annotated`: the reference's set: images with an annotation, in the order in which they first appear in
   * `annotations` (train2014: 82,081). `all`: every image, in the order of `images` (82,783). Default "annotated".
   */
  images?: "annotated" | "all";
}

/**
 * Reads a COCO instances file (2014, 2017, or any file of that form) in blocks; polygons
 * are never built. Class order is the order of `categories` in the file; any annotation makes its class positive, crowds
 * too (get_data.py of the reference: three area rows, then their maximum).
 *
 * @throws CslError `not-found`; `invalid-file` for an empty, cut off or damaged file (with the byte), and for a file of
 *   another form.
 */
export async function readCocoInstances(path: string, options: ReadCocoOptions = {}): Promise<CocoInstances> {
  checkOptions("readCocoInstances", options, {
    images: true,
    blockSize: true,
    signal: true,
    onProgress: true,
  });
  const { images: wanted = "annotated", ...reading } = options;
  if (wanted !== "annotated" && wanted !== "all")
    throw new CslError(
      "invalid-argument",
      `readCocoInstances: expected images to be annotated or all, got ${JSON.stringify(wanted)}.`,
    );
  const categories = new Map<string, string>();
  const supercategories = new Map<string, unknown>();
  const images = new ImageRecords();
  const annotations = new AnnotationColumns();
  const handlers = {
    categories: (cursor: JsonCursor): void => {
      const { id, name, supercategory } = parseRecord(cursor, "category");
      if (categories.has(String(id)))
        throw new CslError("invalid-file", `expected every category id once, got ${String(id)} again.`);
      categories.set(String(id), String(name ?? id));
      supercategories.set(String(id), supercategory);
    },
    images: (cursor: JsonCursor): void => {
      const image = parseRecord(cursor, "image");
      images.add(String(image.id), imageRecord(image));
    },
    annotations: (cursor: JsonCursor): void => annotations.read(cursor),
  };
  try {
    const seen = await scanJson(path, handlers, reading);
    const missing = Object.keys(handlers).filter((key) => !seen.has(key));
    if (missing.length > 0) {
      throw new CslError(
        "invalid-file",
        `expected the lists images, annotations and categories, got none of ${missing.join(", ")}. Is it an instances file?`,
      );
    }
    if (categories.size === 0)
      throw new CslError("invalid-file", "expected at least one category, got an empty list.");
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw errorAbout(`readCocoInstances: ${path}`, cause);
  }
  const rootCategories = [...categories].filter(
    ([id, name]) =>
      categories.size > 1 && [...supercategories].every(([other, above]) => other === id || above === name),
  );
  const rest = assemble(path, categories, images, annotations, wanted);
  return { ...rest, rootCategories: rootCategories.map(([id]) => id) };
}

function assemble(
  path: string,
  categories: ReadonlyMap<string, string>,
  images: ImageRecords,
  annotations: AnnotationColumns,
  wanted: "annotated" | "all",
): Omit<CocoInstances, "rootCategories"> {
  const classes = ClassList.from(Array.from(categories, ([id, name]) => ({ id, name })));
  const annotatedIds = annotations.imageIds.texts();
  const classOf = annotations.categoryIds.texts().map((id) => (classes.has(id) ? classes.indexOf(id) : -1));
  const sampleIdOf = annotatedIds.map((id) => images.sampleId(id));
  const sampleOf = new Map<string, number>();
  if (wanted === "all") for (const id of images.sampleIds()) sampleOf.set(id, sampleOf.size);
  const annotated = new Set<string>();
  let unknownImages = 0;
  let unknownCategories = 0;
  annotations.forEach((image, category) => {
    const id = sampleIdOf[image];
    if (id === undefined && !images.isUnclear(annotatedIds[image]!)) unknownImages++;
    if (classOf[category]! < 0) unknownCategories++;
    if (id === undefined || classOf[category]! < 0) return;
    annotated.add(id);
    if (!sampleOf.has(id)) sampleOf.set(id, sampleOf.size);
  });
  if (sampleOf.size === 0) {
    throw new CslError(
      "invalid-file",
      `readCocoInstances: ${path}: expected annotated images, got ${annotations.length} annotations of ${images.size} images, ` +
        `none with a known image and category. ${images.unclear > 0 ? `${images.unclear} ids stand for several images (${images.unclearExamples[0]}). ` : ""}${images.size > 0 ? 'Images alone: { images: "all" }.' : "Is it the right file?"}`,
    );
  }
  const sampleIds = [...sampleOf.keys()];
  const builder = new LabelTableBuilder(classes, { defaultLabel: Label.Negative, sampleIds });
  const samples = sampleIdOf.map((id) => sampleOf.get(id ?? "") ?? -1);
  annotations.forEach((image, category) => {
    if (samples[image]! >= 0 && classOf[category]! >= 0)
      builder.addAt(samples[image]!, classOf[category]!, Label.Positive);
  });
  const table = builder.build();
  const areas = new Float32Array(table.entries.length);
  annotations.forEach((image, category, area, crowd) => {
    if (crowd || samples[image]! < 0 || classOf[category]! < 0) return;
    const at = table.findEntry(samples[image]!, classOf[category]!);
    if (area > areas[at]!) areas[at] = area;
  });
  const records = sampleIds.map((id) => images.get(id));
  return {
    table,
    fileNames: records.map(({ fileName }) => fileName),
    sizes: Uint32Array.from(records.flatMap(({ width, height }) => [width, height])),
    areas,
    counts: {
      images: images.size,
      annotations: annotations.length,
      categories: classes.size,
      crowds: annotations.crowds,
      unknownImages,
      unknownCategories,
      imagesWithoutAnnotations: images.size - images.same - images.unclear - annotated.size,
      repeatedImages: images.repeated,
      sameImages: images.same,
      unclearImages: images.unclear,
    },
    examples: { sameImages: images.sameExamples, unclearImages: images.unclearExamples },
  };
}

/** An element of `images` or `categories`, whole. */
function parseRecord(cursor: JsonCursor, what: string): Record<string, unknown> & { id: string | number } {
  cursor.peek(what);
  const { offset } = cursor;
  const value = cursor.value() as Record<string, unknown> | null;
  const id = value?.id;
  if (typeof id !== "number" && typeof id !== "string") {
    throw new CslError(
      "invalid-file",
      `expected a ${what} with an id at byte ${offset}, got ${JSON.stringify(value)?.slice(0, 80)}.`,
    );
  }
  if (typeof id === "number" && !Number.isSafeInteger(id)) throw badNumberId(`the ${what}'s id`, offset, id);
  return value as Record<string, unknown> & { id: string | number };
}

function imageRecord(image: Record<string, unknown>): ImageRecord {
  const { file_name: name, coco_url: url, width, height } = image;
  // LVIS v1 has no file_name; the last two parts of the URL are folder and file.
  const fileName =
    typeof name === "string" ? name : typeof url === "string" ? url.split("/").slice(-2).join("/") : "";
  if (fileName === "")
    throw new CslError("invalid-file", `expected a file_name for image ${String(image.id)}, got none.`);
  return { fileName, width: Number(width) || 0, height: Number(height) || 0 };
}
