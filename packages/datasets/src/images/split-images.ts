import { join } from "node:path";
import { openShards, type ShardSet } from "@csl/image-batches";
import { CslError } from "@csl/internal/errors/csl-error";
import { writeLines } from "@csl/internal/files/write-lines";
import { repeatedTexts } from "@csl/internal/text/repeated-texts";
import { type LabelTable, mergeSamples } from "@csl/labels";
import type { SplitImages, Texts, Wording } from "../dataset.js";
import { exists, type SplitFiles } from "../kinds/split-files.js";
import { explainMissing } from "./explain-missing.js";
import { isShards, searchImages } from "./find-images.js";
import type { FoundImages } from "./image-places.js";
import { splitNamedIn } from "./shard-splits.js";

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
  /** The split that folders and shards are named by, where the samples were held out of another one. */
  heldOutOf?: string;
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
  const found = await findInRoots(options.heldOutOf ?? split, files, options);
  if (!("found" in found))
    throw new CslError(
      "not-found",
      `${speaker}: expected the images of "${split}" ${images ? `in ${images}` : `below ${roots.join(" or ")}`}, got none of ${total}; ` +
        `the first would be ${fileNames.at(0)}: ${found.why}. Say where they are with ${optionName("images")}, a folder or shards.`,
    );
  const { missing, where } = found;
  for (const problem of found.problems) note(`${split}: ${problem}`);
  if (missing.length > 0) {
    const path = reportFolder && join(reportFolder, `missing-images-${split}.txt`);
    if (path) await writeLines(path, textsAt(fileNames, missing), speaker);
    const first = fileNames.at(missing[0]!) ?? "";
    const why = await explainMissing(where, first);
    const what =
      `${missing.length} of ${total} images of "${split}" are not in ${where}${path ? `; ${path} lists them` : ""} ` +
      `(first: ${first}: ${why})`;
    if (onMissing === "fail")
      throw new CslError(
        "not-found",
        `${speaker}: ${what}. Fetch them, or leave them out: ${optionName("onMissing")} drop.`,
      );
    note(`${what}; their labels are left out`);
  }
  const present = (table: LabelTable): LabelTable => (missing.length > 0 ? table.select(found.found) : table);
  const repeated = files.findById ? [] : await repeatedImages(found);
  const [group] = repeated;
  if (!group)
    return { list: found.images, selectRows: present, missing: missing.length, identify: found.identify };
  const { conflicts } = mergeSamples(present(truth), repeated);
  const names = group.map((position) => fileNames.at(found.found[position]!)).join(" and ");
  note(
    `${split}: ${repeated.length} images have several names or ids (first: ${names}, which is ${found.images.nameAt(group[0]!)}); ` +
      `their labels are merged${conflicts > 0 ? `, and ${conflicts} that contradict each other are un-annotated` : ""}`,
  );
  const others = new Set(repeated.flatMap((positions) => positions.slice(1)));
  const kept = Uint32Array.from(found.found.keys()).filter((position) => !others.has(position));
  const { at, nameAt } = found.images;
  return {
    list: { length: kept.length, at: (i) => at(kept[i]!), nameAt: (i) => nameAt(kept[i]!) },
    selectRows: (table) => mergeSamples(present(table), repeated).table,
    missing: missing.length,
    identify: async () => {
      const identity = await found.identify();
      return (i) => identity(kept[i]!);
    },
  };
}

/** Positions of found samples that have one image, by image. */
async function repeatedImages({ images, identify }: FoundImages): Promise<number[][]> {
  const identity = await identify();
  const repeated = new Set(repeatedTexts(images.length, identity, Number.POSITIVE_INFINITY));
  const groups = new Map<string, number[]>();
  for (let position = 0; repeated.size > 0 && position < images.length; position++) {
    const name = identity(position);
    if (repeated.has(name)) groups.set(name, [...(groups.get(name) ?? []), position]);
  }
  return [...groups.values()];
}

/** The images in the root that has most of them, the first of equals; or why the first one is in none. */
export async function findInRoots(
  split: string,
  { labels, otherPaths, findById, anyShards = false }: SplitFiles,
  { images, openSets, signal, note, progress }: SplitImagesOptions,
): Promise<(FoundImages & { where: string }) | { why: string }> {
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
  // The split's own first, because files may be numbered from 1 in every split.
  const below = findById || (images !== undefined && (await isShards(images))) ? [] : [split, ...lastParts];
  const given = images && [
    ...below
      .filter((part) => part === split || splitNamedIn(part) !== undefined)
      .map((part) => join(images, part)),
    images,
    ...below.map((part) => join(images, part)),
  ];
  const roots: string[] = [];
  for (const where of new Set(given || labels.roots))
    if ((await isShards(where)) || (await exists(where))) roots.push(where);
  let best: (FoundImages & { where: string }) | undefined;
  const problems: string[] = [];
  for (const withoutCommonFolders of [false, true])
    for (const where of best ? [] : roots) {
      const show = progress("find images");
      const found = await searchImages(where, fileNames, {
        ids: truth.sampleIds,
        match: findById ? "openimages-id" : "path",
        ...(findById?.split !== undefined && { split: findById.split }),
        otherPaths,
        withoutCommonFolders,
        shardSplit: split,
        ownShards: !anyShards && !findById,
        // A tar beside labels is no shard unless it is given; OpenImages' are recognised by the ids in them.
        inShards: findById !== undefined || images !== undefined,
        open,
        ...(signal && { signal }),
        onProgress: ({ found: count }) => show(count, fileNames.length),
      });
      if (found.found.length > (best?.found.length ?? 0)) best = { ...found, where };
      else problems.push(...found.problems);
      if (found.missing.length === 0) break;
    }
  if (best) return best;
  const [where = images ?? labels.roots[0] ?? "."] = roots;
  const why = await explainMissing(where, fileNames.at(0) ?? "");
  return { why: [why, ...new Set(problems)].join("; ") };
}

function* textsAt(texts: Texts, positions: Uint32Array): Generator<string, void, undefined> {
  for (const position of positions) yield texts.at(position) ?? "";
}
