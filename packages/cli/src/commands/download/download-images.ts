import { access } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { type DatasetKind, detectDataset } from "@csl/datasets";
import type { ImageItem } from "@csl/download";
import { CslError } from "@csl/internal/errors/csl-error";
import { readText } from "@csl/internal/files/read-text";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import type { ClassList, LabelTable, SampleIds } from "@csl/labels";
import {
  bucketUrl,
  chooseImages,
  findOfficialFiles,
  OPEN_IMAGES_BUCKET,
  openImagesUrl,
  parseImageId,
  parseImageIds,
  readOpenImages,
  scanImageList,
} from "@csl/openimages-loader";
import { openDataset } from "../../data/open-dataset.js";
import type { Context } from "../../flags/command.js";
import { startProgress } from "../../terminal/progress.js";
import type { DownloadOptions } from "./download-flags.js";

/** Images to fetch; paths are below the data set's folder. */
export interface ImageItems {
  total: number | undefined;
  items: Iterable<ImageItem> | AsyncIterable<ImageItem>;
}

const COCO_IMAGES = "http://images.cocodataset.org";

/** The images that the flags ask for, with their addresses. */
export async function imageItems(choice: DownloadOptions, context: Context): Promise<ImageItems> {
  const { data, dataset, ids, classes, source } = choice;
  // A list of OpenImages ids needs no label files.
  if (dataset === "openimages" && ids !== undefined && classes === undefined && source === "bucket")
    return listedImages(ids, choice);
  const kind = dataset === "auto" ? (await detectDataset(data)).kind : dataset;
  if (source === "original" && kind !== "openimages")
    throw new CslError(
      "invalid-argument",
      `csl download: expected --source bucket for ${kind}, got original. Only OpenImages has originals.`,
    );
  return kind === "openimages" ? openImagesItems(choice, context) : datasetItems(choice, kind, context);
}

async function listedImages(
  path: string,
  { split, count, seed, baseUrl = OPEN_IMAGES_BUCKET }: DownloadOptions,
): Promise<ImageItems> {
  const all = parseImageIds(await readIds(path), split);
  const images = count > 0 && count < all.length ? drawn(all, count, seed) : all;
  return { total: images.length, items: images.map((image) => bucketItem(image.id, image.split, baseUrl)) };
}

function bucketItem(id: string, split: string, base: string): ImageItem {
  const url = openImagesUrl(id, split, { base });
  return { id, url, path: url.slice(url.lastIndexOf("/", url.lastIndexOf("/") - 1) + 1) };
}

async function openImagesItems(choice: DownloadOptions, context: Context): Promise<ImageItems> {
  const { data, split, source, baseUrl = OPEN_IMAGES_BUCKET } = choice;
  const { terminal, signal } = context;
  const name = split === "val" ? "validation" : (split as "train" | "validation" | "test");
  const { table } = await readOpenImages(data, name, {
    ...{ trainable: false, signal },
    onProgress: startProgress(terminal, { label: `read ${name}` }),
  });
  terminal.endStatus();
  const lists = await findOfficialFiles(data, name);
  if (source === "original") {
    if (!lists.images)
      throw new CslError(
        "not-found",
        `csl download: expected the list of ${name} images in ${data} for --source original, got none. ` +
          "It is train-images-with-labels-with-rotation.csv or the like: csl download --labels v7 --kinds images.",
      );
    const samples = await chosen(table, choice);
    return { total: samples.length, items: originals(lists.images, table.sampleIds.select(samples), name) };
  }
  // Another place may have more images than the public bucket.
  const asksBucket = name === "train" && choice.baseUrl === undefined;
  const inBucket = name === "train" ? await boxableIds(data, context, asksBucket) : undefined;
  const samples = await chosen(table, choice, inBucket);
  const items = function* (): Generator<ImageItem> {
    for (const sample of samples) yield bucketItem(table.sampleIds.at(sample), name, baseUrl);
  };
  return { total: samples.length, items: items() };
}

/** Ids of train that the bucket has: 1.74 of 9 million. Without the list the others are asked for and missing. */
async function boxableIds(
  data: string,
  { terminal, signal }: Context,
  asksBucket: boolean,
): Promise<string[] | undefined> {
  for (const name of [
    "train-images-boxable-with-rotation.csv",
    "train-images-boxable-with-rotation.csv.gz",
  ]) {
    const path = join(data, name);
    if (
      !(await access(path).then(
        () => true,
        () => false,
      ))
    )
      continue;
    const ids: string[] = [];
    for await (const { id } of scanImageList(path, { signal, onProblem: () => {} })) ids.push(id);
    terminal.info(`the bucket has ${ids.length} images of train, by ${name}`);
    return ids;
  }
  if (!asksBucket) return undefined;
  terminal.info(
    "The bucket has only the boxable part of train. Without train-images-boxable-with-rotation.csv all others are asked " +
      "for and listed as missing; fetch that list first: csl download --labels v7 --kinds images",
  );
  return undefined;
}

async function* originals(list: string, wanted: SampleIds, split: string): AsyncGenerator<ImageItem> {
  const listed = new Uint8Array(wanted.length);
  for await (const info of scanImageList(list, { onProblem: () => {} })) {
    const position = wanted.indexOf(info.id);
    if (position < 0) continue;
    listed[position] = 1;
    const { id, originalUrl = "", originalMd5: md5, originalSize: size } = info;
    yield { id, url: originalUrl, path: `${split}/${id}.jpg`, md5, size };
  }
  // Without an address they are reported as missing, like all others that cannot be fetched.
  for (let i = 0; i < wanted.length; i++) {
    const id = wanted.at(i);
    if (!listed[i]) yield { id, url: "", path: `${split}/${id}.jpg` };
  }
}

/** COCO and LVIS by COCO's own addresses; anything else needs `--base-url`. */
async function datasetItems(
  choice: DownloadOptions,
  kind: DatasetKind,
  context: Context,
): Promise<ImageItems> {
  const { data, dataset, split, baseUrl } = choice;
  if (kind === "custom" && baseUrl === undefined)
    throw new CslError(
      "invalid-argument",
      "csl download: expected --base-url for label files of your own, got none. Where are the images?",
    );
  const opened = await openDataset({ data, dataset, cocoImages: "all" }, context.terminal, {
    signal: context.signal,
  });
  const { truth, fileNames, roots } = await opened.split(split);
  const samples = await chosen(truth, choice);
  // COCO's names are below the split's folder (train2017), those of LVIS and of custom files name it themselves.
  const below = kind === "coco" ? relative(data, roots[0]!) : "";
  const base = baseUrl ?? (below ? `${COCO_IMAGES}/${basename(below)}` : COCO_IMAGES);
  const items = function* (): Generator<ImageItem> {
    for (const sample of samples) {
      const name = fileNames.at(sample)!;
      yield { id: truth.sampleIds.at(sample), url: bucketUrl(base, name), path: join(below, name) };
    }
  };
  return { total: samples.length, items: items() };
}

/** Positions of the samples that the flags ask for; `among`: only these ids can be fetched. */
async function chosen(
  table: LabelTable,
  { classes, annotated, perClass, count, seed, ids }: DownloadOptions,
  among?: readonly string[],
): Promise<Uint32Array> {
  const asked = ids === undefined ? undefined : await askedIds(ids);
  const available = among && asked ? new Set(among) : undefined;
  const { samples, unknown } = chooseImages(table, {
    ...(classes !== undefined && { classes: parseClasses(classes, table.classes) }),
    label: annotated ? "annotated" : "positive",
    ...(perClass > 0 && { perClass }),
    ...(count > 0 && { count }),
    ...(asked
      ? { ids: available ? asked.filter((id) => available.has(id)) : asked }
      : among && { ids: among }),
    random: mulberry32(seed),
  });
  if (asked && unknown.length > 0)
    throw new CslError(
      "not-found",
      `csl download: expected ids of the split in --ids, got ${unknown.length} that it does not have, ` +
        `${unknown[0]} for example. Is it the right --split?`,
    );
  if (samples.length === 0)
    throw new CslError(
      "not-found",
      "csl download: expected an image that fits the flags, got none. Check --split, --classes and --ids.",
    );
  return samples;
}

async function askedIds(path: string): Promise<string[]> {
  const lines = (await readIds(path)).split(/\r?\n/).map((line) => line.trim());
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => parseImageId(line) ?? line);
}

async function readIds(path: string): Promise<string> {
  try {
    return await readText(path);
  } catch (cause) {
    throw new CslError(
      "cannot-read",
      `csl download: expected --ids to name a file with one image id a line, got ${path}: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** `count` of them, drawn by the seed, in their order. */
function drawn<T>(all: readonly T[], count: number, seed: number): T[] {
  const random = mulberry32(seed);
  let left = count;
  return all.filter((_, i) => {
    if (random() * (all.length - i) >= left) return false;
    left--;
    return true;
  });
}

/**
 * The class ids that `--classes` lists: ids or display names in any case, separated by commas. A name that holds a
 * comma itself has to be given by its id.
 *
 * @throws CslError for a name that no class has, with near matches, and for one that several classes have
 */
export function parseClasses(text: string, classes: ClassList): string[] {
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (parts.length === 0)
    throw new CslError(
      "invalid-argument",
      `csl download: expected --classes to hold names or ids of classes, got "${text}".`,
    );
  return parts.map((part) => {
    if (classes.has(part)) return part;
    const same = classes.ids.filter((_, i) => classes.names[i]!.toLowerCase() === part.toLowerCase());
    if (same.length > 1)
      throw new CslError(
        "invalid-argument",
        `csl download: expected one class called "${part}", got ${same.join(", ")}. Give its id instead.`,
      );
    return same[0] ?? classes.ids[classes.indexOf(part)]!;
  });
}
