import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { writeLines } from "@csl/internal/files/write-lines";
import type { SplitFiles, SplitPictures, Texts } from "./dataset.js";
import { type FoundPictures, findInFolders } from "./find-in-folders.js";
import { findInShards } from "./find-in-shards.js";

export interface PictureOptions {
  /** A folder, or shards: a tar, a brace list of tars, a folder of tars. Default: beside the labels. */
  pictures?: string | undefined;
  onMissing: "drop" | "fail";
  /** Where the list of missing pictures goes; without one it is only counted. */
  reportFolder?: string | undefined;
  tell: (line: string) => void;
  progress: (label: string) => (done: number, total: number) => void;
}

/**
 * Finds the pictures of a split and leaves out the samples that have none: counted, listed in
 * `missing-pictures-<split>.txt`.
 *
 * @throws when none is there, or, with onMissing "fail", when one is missing.
 */
export async function splitPictures(
  name: string,
  files: SplitFiles,
  { pictures, onMissing, reportFolder, tell, progress }: PictureOptions,
): Promise<SplitPictures> {
  const found = await find(name, files, { pictures, tell, progress });
  const total = files.truth.numSamples;
  if (!found || found.list.length === 0)
    throw new Error(
      `csl: expected the pictures of "${name}" ${pictures ? `in ${pictures}` : `below ${files.roots.join(" or ")}`}, got none of ${total}; ` +
        `the first would be ${files.fileNames.at(0)}. Say where they are with --pictures, a folder or shards.`,
    );
  const { list, samples, missing, where } = found;
  if (missing.length > 0) {
    const path = reportFolder && join(reportFolder, `missing-pictures-${name}.txt`);
    if (path) await writeLines(path, namesAt(files.fileNames, missing), "csl");
    const what = `${missing.length} of ${total} pictures of "${name}" are not in ${where}${path ? `; ${path} lists them` : ""}`;
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
  { pictures, tell, progress }: Pick<PictureOptions, "pictures" | "tell" | "progress">,
): Promise<FoundPictures | undefined> {
  if (files.find) return files.find(pictures ? [pictures] : files.roots);
  if (pictures && (await isShards(pictures)))
    return findInShards(pictures, files, { tell, progress: progress("index shards") });
  // A root that is given may be the split's own folder, or hold it.
  const roots = pictures
    ? [pictures, join(pictures, name), ...splitFolders(pictures, files.roots)]
    : files.roots;
  return findInFolders(roots, files.fileNames);
}

/** The last part of a usual root, below another folder: `train2014` in the folder that `--pictures` names. */
function splitFolders(pictures: string, roots: readonly string[]): string[] {
  return roots.map((root) => join(pictures, root.split(/[\\/]/).at(-1) ?? ""));
}

async function isShards(pictures: string): Promise<boolean> {
  if (/\.tar$|\{.*\}/.test(pictures)) return true;
  const names = await readdir(pictures).catch(() => [] as string[]);
  return names.some((entry) => entry.endsWith(".tar"));
}
