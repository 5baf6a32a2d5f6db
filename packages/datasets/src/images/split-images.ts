import { join } from "node:path";
import { openShards, type ShardSet } from "@csl/image-batches";
import { CslError } from "@csl/internal/errors/csl-error";
import { writeLines } from "@csl/internal/files/write-lines";
import type { SplitImages, Texts, Wording } from "../dataset.js";
import { exists, type SplitFiles } from "../kinds/split-files.js";
import { isShardPattern, searchImages } from "./find-images.js";
import type { FoundImages } from "./image-places.js";

export interface SplitImagesOptions {
  /** A folder, or shards: a tar, a brace list of tars, a folder of tars. Default: next to the labels. */
  images: string | undefined;
  onMissing: "drop" | "fail";
  /** Where the list of missing images goes; without one it is only counted. */
  reportFolder: string | undefined;
  wording: Wording;
  signal: AbortSignal | undefined;
  note: (line: string) => void;
  progress: (label: string) => (done: number, total: number) => void;
  /** Shards that the data set has opened: training and validation are often in the same. */
  openSets: Map<string, Promise<ShardSet>>;
}

/**
 * Finds the images of a split and leaves out the samples that have none: counted, listed in
 * `missing-images-<split>.txt`.
 *
 * @throws CslError `not-found` when none is there, or, with onMissing "fail", when one is missing.
 */
export async function splitImages(
  split: string,
  files: SplitFiles,
  options: SplitImagesOptions,
): Promise<SplitImages> {
  const { images, onMissing, reportFolder, wording, note } = options;
  const { speaker, optionName } = wording;
  const { truth, fileNames, roots } = files.labels;
  const total = truth.numSamples;
  const found = await findInRoots(split, files, options);
  if (!found)
    throw new CslError(
      "not-found",
      `${speaker}: expected the images of "${split}" ${images ? `in ${images}` : `below ${roots.join(" or ")}`}, got none of ${total}; ` +
        `the first would be ${fileNames.at(0)}. Say where they are with ${optionName("images")}, a folder or shards.`,
    );
  const { missing, where } = found;
  if (missing.length > 0) {
    const path = reportFolder && join(reportFolder, `missing-images-${split}.txt`);
    if (path) await writeLines(path, textsAt(fileNames, missing), speaker);
    const what = `${missing.length} of ${total} images of "${split}" are not in ${where}${path ? `; ${path} lists them` : ""}`;
    if (onMissing === "fail")
      throw new CslError(
        "not-found",
        `${speaker}: ${what}. Fetch them, or leave them out: ${optionName("onMissing")} drop.`,
      );
    note(`${what}; their labels are left out`);
  }
  return {
    list: found.images,
    selectRows: (table) => (missing.length > 0 ? table.select(found.found) : table),
    missing: missing.length,
  };
}

/** The images in the first root that has any of them. */
async function findInRoots(
  split: string,
  { labels, otherPaths, findById }: SplitFiles,
  { images, openSets, signal, note, progress }: SplitImagesOptions,
): Promise<(FoundImages & { where: string }) | undefined> {
  const { truth, fileNames } = labels;
  const open = async (shards: string | readonly string[]): Promise<ShardSet> => {
    const key = JSON.stringify(shards);
    const known = openSets.get(key);
    if (known) return known;
    const show = progress("index shards");
    const opening = openShards(shards, {
      ...(signal && { signal }),
      onProgress: (at) => show(at.shards, at.of),
    });
    openSets.set(key, opening);
    for (const { text } of (await opening).problems) note(`warning: ${text}`);
    return opening;
  };
  // A folder that is given may be the split's own, or hold it: `train2014` in the folder that `images` names.
  const lastParts = labels.roots.map((root) => root.split(/[\\/]/).at(-1) ?? "");
  const given = images && [
    images,
    ...(findById ? [] : [split, ...lastParts].map((part) => join(images, part))),
  ];
  for (const where of given || labels.roots) {
    if (!isShardPattern(where) && !(await exists(where))) continue;
    const show = progress("find images");
    const found = await searchImages(where, fileNames, {
      ids: truth.sampleIds,
      match: findById ? "openimages-id" : "path",
      ...(findById?.split !== undefined && { split: findById.split }),
      otherPaths,
      // A tar beside labels is no shard unless it is given; OpenImages' are recognised by the ids in them.
      inShards: findById !== undefined || images !== undefined,
      open,
      ...(signal && { signal }),
      onProgress: ({ found: count }) => show(count, fileNames.length),
    });
    if (found.found.length > 0) return { ...found, where };
  }
  return undefined;
}

function* textsAt(texts: Texts, positions: Uint32Array): Generator<string, void, undefined> {
  for (const position of positions) yield texts.at(position) ?? "";
}
