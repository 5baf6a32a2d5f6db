import { join } from "node:path";
import { folderPictures, type PictureList } from "@csl/image-batches";
import { findPictures as findPaths } from "@csl/internal/files/find-pictures";
import type { LabelTable } from "@csl/labels";
import { type FoundPictures, findPictures } from "./find-pictures.js";
import { imageId } from "./image-id.js";
import type { OpenImagesSplit } from "./official-files.js";
import type { OpenContext, OpenImagesData, OpenImagesReport } from "./open-images-options.js";
import { namesBy, type PictureNames } from "./picture-names.js";

type Matched = Omit<OpenImagesData, "report"> & { report: OpenImagesReport["pictures"] };

/** Brings labels and pictures together: what becomes of labelled images without a picture is the caller's choice. */
export async function matchPictures(
  { table, fileNames }: { table: LabelTable; fileNames: PictureNames },
  { folder, split, options, notes }: OpenContext & { folder: string; split: OpenImagesSplit },
): Promise<Matched> {
  const { pictures = folder, missing = "drop", signal } = options;
  if (pictures === false) {
    const report = { root: folder, looked: false, found: 0, missing: 0, examples: [] };
    return { table, fileNames, pictures: folderPictures(folder, fileNames), report };
  }
  const byId = table.numSamples === 0 || imageId(table.sampleIds.at(0)) !== undefined;
  const there = byId
    ? await findPictures(pictures, table.sampleIds, { split, ...(signal ? { signal } : {}) })
    : await findByPath(pictures, fileNames);
  for (const problem of there.problems) notes.push(problem);
  const ids = table.sampleIds;
  const examples = Array.from(there.missing.subarray(0, 10), (i) => ids.at(i));
  const report = {
    root: pictures,
    looked: true,
    found: there.found.length,
    missing: there.missing.length,
    examples,
  };
  if (there.missing.length === 0) return { ...there, table, report };
  const text = `${there.missing.length} of ${ids.length} labelled images have no picture below ${pictures} (${examples.slice(0, 3).join(", ")})`;
  if (missing === "fail") {
    throw new Error(
      `openOpenImages: expected every picture, but ${text}. Download them, or choose missing: "drop".`,
    );
  }
  if (missing === "drop" && there.found.length === 0) {
    throw new Error(
      `openOpenImages: expected pictures below ${pictures}, got none of ${ids.length} (such as ${examples[0]}). ` +
        "Download them, say where they are (pictures), or do without (pictures: false).",
    );
  }
  notes.push(`${text}; they are ${missing === "drop" ? "left out" : "kept"}.`);
  if (missing === "drop") return { ...there, table: table.select(there.found), report };
  return { table, ...withExpected(there, { root: pictures, fileNames }), report };
}

/** Found pictures where they are, the others where they would be. */
function withExpected(
  there: FoundPictures,
  { root, fileNames }: { root: string; fileNames: PictureNames },
): { pictures: PictureList; fileNames: PictureNames } {
  const foundAs = new Int32Array(fileNames.length).fill(-1);
  there.found.forEach((index, position) => {
    foundAs[index] = position;
  });
  const nameOf = (i: number): string => {
    const expected = fileNames.at(i);
    return foundAs[i]! < 0 ? expected : there.fileNames.at(foundAs[i]!);
  };
  const at: PictureList["at"] = (i) =>
    foundAs[i]! < 0 ? join(root, nameOf(i)) : there.pictures.at(foundAs[i]!);
  const { length } = fileNames;
  return { pictures: { length, at, nameOf }, fileNames: namesBy(length, nameOf) };
}

/** For names that are no OpenImages ids: by their paths. */
async function findByPath(root: string, fileNames: PictureNames): Promise<FoundPictures> {
  const names = await findPaths(root, [...fileNames]);
  const positions = (there: boolean): Uint32Array =>
    Uint32Array.from(names.flatMap((name, i) => ((name !== undefined) === there ? [i] : [])));
  const found = positions(true);
  const foundNames = namesBy(found.length, (position) => names[found[position]!]!);
  return {
    found,
    missing: positions(false),
    fileNames: foundNames,
    pictures: folderPictures(root, foundNames),
    problems: [],
  };
}
