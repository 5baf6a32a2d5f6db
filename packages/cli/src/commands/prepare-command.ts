import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, dirname, isAbsolute, relative } from "node:path";
import { findImages } from "@csl/datasets";
import {
  folderImages,
  type ImageList,
  imageKey,
  listImages,
  openShards,
  type PrepareProgress,
  prepareShards,
} from "@csl/image-batches";
import { CslError } from "@csl/internal/errors/csl-error";
import { readText } from "@csl/internal/files/read-text";
import { Label, type LabelTable } from "@csl/labels";
import { findOfficialFiles, parseImageId, scanImageList } from "@csl/openimages-loader";
import { openDataset } from "../data/open-dataset.js";
import { type Context, defineCommand, stopped } from "../flags/command.js";
import { choice, folder, integer, number, type OptionsOf, path, text, toggle } from "../flags/flag.js";
import { datasetFlags, datasetPath, threads } from "../flags/shared-flags.js";
import { onEveryRank } from "../ranks/ranks.js";
import { workersOf } from "../ranks/workers-of.js";
import { formatBytes } from "../terminal/format.js";
import { startProgress } from "../terminal/progress.js";
import { paced, type Terminal } from "../terminal/terminal.js";

const prepareFlags = {
  "Images to prepare": {
    ...datasetFlags,
    images: path("a folder, a list of paths (.txt), or shards; with --data: where its images are"),
    data: path("use the images of a data set's split, in its order, instead of a whole folder", {
      reads: datasetPath,
    }),
    split: text("with --data: the split", { placeholder: "name", default: "train", needs: "data" }),
    "with-labels": toggle("with --data: also write the labels, as JSON next to each image", {
      needs: "data",
    }),
    "apply-rotation": toggle(
      "with --data of OpenImages: turn images as its image list says (2.6 % of them)",
      {
        needs: "data",
      },
    ),
  },
  "How images are stored": {
    "short-edge": integer("pixels of the shorter side; smaller images stay as they are", {
      default: 256,
      from: 1,
      to: 16_384,
    }),
    quality: integer("JPEG quality", { default: 90, from: 1, to: 100 }),
    filter: choice("bilinear or bicubic, as Pillow's", ["bilinear", "bicubic"], { default: "bilinear" }),
    "auto-orient": toggle("turn images as EXIF says; the reference does not"),
  },
  Shards: {
    out: folder("where the shards go", { default: "./shards", writes: "folder" }),
    prefix: text("name of the shards; default: the split, or images", { placeholder: "name" }),
    "shard-megabytes": number("a shard grows to at most this many MB", { default: 1000, above: 0 }),
    "shard-samples": integer("and to at most this many images; 0: any number", { default: 0, from: 0 }),
    keys: choice("key of an image: its path below the folder, or its name alone", ["path", "name"], {
      default: "path",
    }),
    workers: integer("threads; 0 works in-process; default: all cores", { short: "j", ...threads }),
    restart: toggle("delete the shards of an earlier run instead of continuing it"),
  },
};

type PrepareOptions = OptionsOf<typeof prepareFlags>;

/** `csl prepare`: images of any size into WebDataset shards of small JPEGs. Continues what an earlier run started. */
export const prepareCommand = defineCommand({
  name: "prepare",
  summary: "make images into shards of small JPEGs; continues where it stopped",
  flags: prepareFlags,
  shared: true,
  run: prepareImages,
});

async function prepareImages(options: PrepareOptions, { terminal, signal, ranks }: Context): Promise<void> {
  const { out, shortEdge, quality, filter, autoOrient, workers = availableParallelism() } = options;
  const { images, labels, prefix, rotation } = await onEveryRank(ranks, async () => {
    const found = await imagesToPrepare(options, { terminal, signal, ranks });
    const context = { terminal, signal };
    return {
      ...found,
      rotation: options.applyRotation ? await rotations(found.images, options, context) : undefined,
    };
  });
  const status = startProgress(terminal, { label: "prepare", unit: "images" });
  let last: PrepareProgress | undefined;
  const show = paced((progress: PrepareProgress) => {
    const { done, total, kept, unreadable, bytes } = progress;
    const detail = `${formatBytes(bytes)}${unreadable > 0 ? `, ${unreadable} unreadable` : ""}`;
    status(done, total, { detail, from: kept });
  });
  try {
    const report = await prepareShards(images, out, {
      ...{ shortEdge, quality, filter, autoOrient, prefix, signal },
      maxBytes: options.shardMegabytes * 1e6,
      ...(options.shardSamples > 0 && { maxSamples: options.shardSamples }),
      key: options.keys === "name" ? (name) => imageKey(basename(name)) : imageKey,
      ...(rotation && { rotation }),
      ...(labels && { json: (position: number) => labelsAsJson(labels, position) }),
      workers: workersOf(workers, ranks),
      ...(ranks && { ranks: ranks.group }),
      resume: !options.restart,
      onProgress(progress) {
        if (!last && progress.kept > 0)
          terminal.info(`continuing after ${progress.kept} of ${progress.total} images`);
        last = progress;
        show(progress);
      },
    });
    terminal.endStatus();
    const { shards, samples, bytes, unreadable } = report;
    terminal.print(
      `${samples} images, ${formatBytes(bytes)} in ${shards.length} ${shards.length === 1 ? "shard" : "shards"}: ${out}/${shards[0]!.name}${
        unreadable.length > 0 ? `\n${unreadable.length} unreadable: ${out}/${prefix}.unreadable.csv` : ""
      }`,
    );
  } catch (error) {
    terminal.endStatus();
    // A signal may have come to another rank.
    if (!signal.aborted && (error as Error).name !== "AbortError") throw error;
    const where = last
      ? `after ${last.done} of ${last.total} images; they are kept`
      : "before the first image";
    throw stopped(`csl prepare: stopped ${where}. The same command continues.`);
  }
}

async function imagesToPrepare(
  options: PrepareOptions,
  context: Context,
): Promise<{ images: ImageList; labels?: LabelTable; prefix: string }> {
  const { data, split, withLabels, images: where, prefix } = options;
  if (data !== undefined) {
    const dataset = await openDataset({ ...options, data }, context.terminal, {
      ...(!(context.ranks && context.ranks.rank > 0) && { reportFolder: options.out }),
      signal: context.signal,
    });
    const { truth, images } = await dataset.split(split);
    const { list, selectRows } = await images();
    return { images: list, prefix: prefix ?? split, ...(withLabels && { labels: selectRows(truth) }) };
  }
  if (withLabels)
    throw new CslError(
      "invalid-argument",
      "csl prepare: expected --data with --with-labels, got none. Say which labels.",
    );
  if (where === undefined)
    throw new CslError(
      "invalid-argument",
      "csl prepare: expected --images (a folder, a list of paths or shards) or --data, got neither.",
    );
  return { images: await imagesAt(where, context.terminal), prefix: prefix ?? "images" };
}

/** How far to turn each image, by the image list of an OpenImages folder. */
async function rotations(
  images: ImageList,
  { data, split }: PrepareOptions,
  { terminal, signal }: Context,
): Promise<(position: number) => 0 | 90 | 180 | 270> {
  const name = split === "val" ? "validation" : (split as "train" | "validation" | "test");
  const { images: list } = data === undefined ? {} : await findOfficialFiles(data, name);
  if (list === undefined)
    throw new CslError(
      "not-found",
      "csl prepare: expected --data to hold OpenImages' image list for --apply-rotation, got none. Fetch it: " +
        "csl download --labels v7 --kinds images.",
    );
  terminal.info(`reading rotations: ${list}`);
  const turned = new Map<string, 90 | 180 | 270>();
  for await (const { id, rotation = 0 } of scanImageList(list, { signal, onProblem: () => {} }))
    if (rotation !== 0) turned.set(id, rotation as 90 | 180 | 270);
  terminal.info(`${turned.size} images of the list are to be turned`);
  return (position) => turned.get(parseImageId(images.nameAt(position)) ?? "") ?? 0;
}

/** A folder with all below it, the paths that a text file lists (below its own folder), or shards. */
async function imagesAt(where: string, terminal: Terminal): Promise<ImageList> {
  const found = await stat(where).catch(() => undefined);
  if (found?.isFile() && !where.endsWith(".tar")) return listedImages(where, terminal);
  if (!found?.isDirectory() && /\.tar$|[{}]/.test(where)) return openShards(where);
  const paths = await listImages(where);
  if (paths.length === 0)
    throw new CslError(
      "not-found",
      `csl prepare: expected images in ${where}, got none. Is it the right folder?`,
    );
  return folderImages(
    where,
    paths.map((path) => relative(where, path)),
  );
}

/** The images that a text file names, a path a line. */
async function listedImages(file: string, terminal: Terminal): Promise<ImageList> {
  const folder = dirname(file);
  const lines = (await readText(file)).split(/[\r\n]+/).map((line) => line.trim());
  const names = [...new Set(lines.filter((line) => line !== ""))].map((name) => {
    const below = relative(folder, name);
    return isAbsolute(name) && !below.startsWith("..") ? below : name;
  });
  if (names.length === 0)
    throw new CslError("invalid-file", `csl prepare: expected a path a line in ${file}, got no line.`);
  const { images, missing, problems } = await findImages(folder, names);
  for (const problem of problems) terminal.info(problem);
  const which = `of ${names.length} images that ${file} names, got`;
  const first = names[missing[0] ?? 0];
  if (images.length === 0)
    throw new CslError(
      "not-found",
      `csl prepare: expected some ${which} none below ${folder}; the first would be ${first}. Are the paths relative to the list's folder?`,
    );
  if (missing.length > 0)
    terminal.info(
      `${missing.length} of ${names.length} images of ${file} are not there, and left out (first: ${first})`,
    );
  return images;
}

/** What `--with-labels` writes beside an image: class ids that are present, and that are verified absent. */
function labelsAsJson(table: LabelTable, sample: number): { positives: string[]; negatives: string[] } {
  const { classes, labels } = table.row(sample);
  const ids = (label: Label): string[] =>
    Array.from(classes)
      .filter((_, i) => labels[i] === label)
      .map((index) => table.classes.ids[index]!);
  return { positives: ids(Label.Positive), negatives: ids(Label.Negative) };
}
