import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { errorAbout } from "@csl/internal/errors/error-about";
import { cached } from "@csl/internal/files/cached";
import { type ScanOptions, scanJson } from "@csl/internal/json/scan-json";
import { assembleLvis, type LvisLabels } from "./assemble-lvis.js";
import { type Frequency, LvisColumns } from "./lvis-columns.js";
import { decodeLvis, encodeLvis, LVIS_INDEX } from "./lvis-index.js";

export interface ReadLvisOptions extends ScanOptions {
  /**
   * Leaves out images without any annotation, as the reference does for COCO. In LVIS many of them have verified
   * negatives (7 of 100 in v0.5's val), so the default is false.
   */
  dropUnannotated?: boolean;
  /** Keeps an index next to the file (`<file>.csl-index`), which is loaded the next time. Default true. */
  index?: boolean;
}

/**
 * Reads an LVIS annotation file (v1 or v0.5, plain or gzipped) as partial labels: a class with an annotation is
 * positive, one in `neg_category_ids` verified absent, all else un-annotated. A class in `not_exhaustive_category_ids`
 * is there, only not every instance is drawn, so its annotations count like any other.
 *
 * The file (1.1 GB for v1 train, more than `JSON.parse` takes) is scanned in blocks; polygons are never built. Samples
 * come in the order of `images`, classes in the order of `categories`; ids are LVIS's as text.
 *
 * A class that is both annotated and listed as absent is **positive** (someone drew it) and counted in
 * `counts.contradictions`.
 *
 * @throws CslError `not-found`; `invalid-file` for an empty, cut off or damaged file (with the byte), and for a file of
 *   another form.
 */
export async function readLvis(path: string, options: ReadLvisOptions = {}): Promise<LvisLabels> {
  checkOptions("readLvis", options, {
    dropUnannotated: true,
    index: true,
    blockSize: true,
    signal: true,
    onProgress: true,
  });
  const { dropUnannotated = false, index = true, ...reading } = options;
  const compute = (): Promise<LvisLabels> => scan(path, dropUnannotated, reading);
  try {
    if (!index) return await compute();
    const { value, note } = await cached(path, ".csl-index", {
      variant: `${LVIS_INDEX} ${dropUnannotated ? "annotated" : "all"}`,
      load: decodeLvis,
      compute,
      save: encodeLvis,
    });
    return note === undefined ? value : { ...value, note };
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw errorAbout(`readLvis: ${path}`, cause);
  }
}

async function scan(path: string, dropUnannotated: boolean, options: ScanOptions): Promise<LvisLabels> {
  const columns = new LvisColumns();
  const seen = await scanJson(path, columns.readers, options);
  const missing = Object.keys(columns.readers).filter((key) => !seen.has(key));
  if (missing.length > 0) {
    throw new CslError(
      "invalid-file",
      `expected the lists images, annotations and categories, got none of ${missing.join(", ")}. Is it an LVIS annotation file?`,
    );
  }
  return assembleLvis(columns, { dropUnannotated });
}

/**
 * The group of every class, by class index: what `bucketMap` of @csl/metrics takes to give mAP of the rare, common and
 * frequent classes. "?" for a class whose frequency the file does not give.
 */
export function classFrequencyGroups({
  table,
  frequency,
}: Pick<LvisLabels, "table" | "frequency">): (Frequency | "?")[] {
  return table.classes.ids.map((id) => frequency[id] ?? "?");
}
