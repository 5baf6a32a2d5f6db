import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { writeLines } from "@csl/internal/files/write-lines";
import type { SplitFiles, SplitImages, Texts } from "./dataset.js";
import { type FoundImages, findInFolders } from "./find-in-folders.js";
import { findInShards } from "./find-in-shards.js";

export interface ImageOptions {
  /** A folder, or shards: a tar, a brace list of tars, a folder of tars. Default: beside the labels. */
  images?: string | undefined;
  onMissing: "drop" | "fail";
  /** Where the list of missing images goes; without one it is only counted. */
  reportFolder?: string | undefined;
  tell: (line: string) => void;
  progress: (label: string) => (done: number, total: number) => void;
}

/**
 * Finds the images of a split and leaves out the samples that have none: counted, listed in
 * `missing-images-<split>.txt`.
 *
 * @throws when none is there, or, with onMissing "fail", when one is missing.
 */
export async function splitImages(
  name: string,
  files: SplitFiles,
  { images, onMissing, reportFolder, tell, progress }: ImageOptions,
): Promise<SplitImages> {
  const found = await find(name, files, { images, tell, progress });
  const total = files.truth.numSamples;
  if (!found || found.list.length === 0)
    throw new Error(
      `csl: expected the images of "${name}" ${images ? `in ${images}` : `below ${files.roots.join(" or ")}`}, got none of ${total}; ` +
        `the first would be ${files.fileNames.at(0)}. Say where they are with --images, a folder or shards.`,
    );
  const { list, samples, missing, where } = found;
  if (missing.length > 0) {
    const path = reportFolder && join(reportFolder, `missing-images-${name}.txt`);
    if (path) await writeLines(path, namesAt(files.fileNames, missing), "csl");
    const what = `${missing.length} of ${total} images of "${name}" are not in ${where}${path ? `; ${path} lists them` : ""}`;
    if (onMissing === "fail")
      throw new Error(`csl: ${what}. Fetch them, or leave them out: --on-missing drop.`);
    tell(`${what}; their labels are left out`);
  }
  return {
    list,
    labelsOf: (table) => (samples ? table.select(samples) : table),
    missing: missing.length,
  };
}

function* namesAt(fileNames: Texts, positions: Uint32Array): Generator<string, void, undefined> {
  for (const position of positions) yield fileNames.at(position) ?? "";
}

async function find(
  name: string,
  files: SplitFiles,
  { images, tell, progress }: Pick<ImageOptions, "images" | "tell" | "progress">,
): Promise<FoundImages | undefined> {
  if (files.find) return files.find(images ? [images] : files.roots);
  if (images && (await isShards(images)))
    return findInShards(images, files, { tell, progress: progress("index shards") });
  // A root that is given may be the split's own folder, or hold it.
  const roots = images ? [images, join(images, name), ...splitFolders(images, files.roots)] : files.roots;
  return findInFolders(roots, files.fileNames);
}

/** The last part of a usual root, below another folder: `train2014` in the folder that `--images` names. */
function splitFolders(images: string, roots: readonly string[]): string[] {
  return roots.map((root) => join(images, root.split(/[\\/]/).at(-1) ?? ""));
}

async function isShards(images: string): Promise<boolean> {
  if (/\.tar$|\{.*\}/.test(images)) return true;
  const names = await readdir(images).catch(() => [] as string[]);
  return names.some((entry) => entry.endsWith(".tar"));
}
