import { join } from "node:path";
import { folderImages, type ImageList } from "@csl/image-batches";
import { findImages as findPaths } from "@csl/internal/files/find-images";
import type { LabelTable } from "@csl/labels";
import { type FoundImages, findImages } from "./find-images.js";
import { imageId } from "./image-id.js";
import { type ImageNames, namesBy } from "./image-names.js";
import type { OpenImagesSplit } from "./official-files.js";
import type { OpenContext, OpenImagesData, OpenImagesReport } from "./open-images-options.js";

type Matched = Omit<OpenImagesData, "report"> & { report: OpenImagesReport["images"] };

/** Brings labels and images together: what becomes of labelled images without an image is the caller's choice. */
export async function matchImages(
  { table, fileNames }: { table: LabelTable; fileNames: ImageNames },
  { folder, split, options, notes }: OpenContext & { folder: string; split: OpenImagesSplit },
): Promise<Matched> {
  const { images = folder, missing = "drop", signal } = options;
  if (images === false) {
    const report = { root: folder, looked: false, found: 0, missing: 0, examples: [] };
    return { table, fileNames, images: folderImages(folder, fileNames), report };
  }
  const byId = table.numSamples === 0 || imageId(table.sampleIds.at(0)) !== undefined;
  const there = byId
    ? await findImages(images, table.sampleIds, { split, ...(signal ? { signal } : {}) })
    : await findByPath(images, fileNames);
  for (const problem of there.problems) notes.push(problem);
  const ids = table.sampleIds;
  const examples = Array.from(there.missing.subarray(0, 10), (i) => ids.at(i));
  const report = {
    root: images,
    looked: true,
    found: there.found.length,
    missing: there.missing.length,
    examples,
  };
  if (there.missing.length === 0) return { ...there, table, report };
  const text = `${there.missing.length} of ${ids.length} labelled images have no image below ${images} (${examples.slice(0, 3).join(", ")})`;
  if (missing === "fail") {
    throw new Error(
      `openOpenImages: expected every image, but ${text}. Download them, or choose missing: "drop".`,
    );
  }
  if (missing === "drop" && there.found.length === 0) {
    throw new Error(
      `openOpenImages: expected images below ${images}, got none of ${ids.length} (such as ${examples[0]}). ` +
        "Download them, say where they are (images), or do without (images: false).",
    );
  }
  notes.push(`${text}; they are ${missing === "drop" ? "left out" : "kept"}.`);
  if (missing === "drop") return { ...there, table: table.select(there.found), report };
  return { table, ...withExpected(there, { root: images, fileNames }), report };
}

/** Found images where they are, the others where they would be. */
function withExpected(
  there: FoundImages,
  { root, fileNames }: { root: string; fileNames: ImageNames },
): { images: ImageList; fileNames: ImageNames } {
  const foundAs = new Int32Array(fileNames.length).fill(-1);
  there.found.forEach((index, position) => {
    foundAs[index] = position;
  });
  const nameOf = (i: number): string => {
    const expected = fileNames.at(i);
    return foundAs[i]! < 0 ? expected : there.fileNames.at(foundAs[i]!);
  };
  const at: ImageList["at"] = (i) => (foundAs[i]! < 0 ? join(root, nameOf(i)) : there.images.at(foundAs[i]!));
  const { length } = fileNames;
  return { images: { length, at, nameOf }, fileNames: namesBy(length, nameOf) };
}

/** For names that are no OpenImages ids: by their paths. */
async function findByPath(root: string, fileNames: ImageNames): Promise<FoundImages> {
  const names = await findPaths(root, [...fileNames]);
  const positions = (there: boolean): Uint32Array =>
    Uint32Array.from(names.flatMap((name, i) => ((name !== undefined) === there ? [i] : [])));
  const found = positions(true);
  const foundNames = namesBy(found.length, (position) => names[found[position]!]!);
  return {
    found,
    missing: positions(false),
    fileNames: foundNames,
    images: folderImages(root, foundNames),
    problems: [],
  };
}
