import { createHash } from "node:crypto";
import { copyFile, link, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { checkOptions } from "@csl/internal/errors/check-options";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import { JobQueue } from "@csl/internal/work/job-queue";
import { type CocoInstances, readInstances } from "../coco-instances.js";
import { sceneClasses } from "../drawings/scene-classes.js";
import { fillFolder } from "../owned-folder.js";
import { fileName, type SceneSet, type SplitName, splitNames } from "../scene-set.js";
import {
  type OpenImagesImage,
  type OpenImagesRelease,
  openImagesFiles,
  openImagesNames,
} from "./open-images-files.js";
import { type AnnotatedShare, checkShare, verifiedLabels } from "./verified-labels.js";

export interface ExportOpenImagesOptions {
  /** Default: `openimages` inside the set's folder. */
  folder?: string;
  /** Default { positive: 0.6, negative: 0.2 }; one number is used for both. 1 gives all labels. */
  annotatedShare?: number | AnnotatedShare;
  /** Seed of the draw of verified labels. Default 1. */
  seed?: number;
  /** Verified positives that a class needs in train to be listed as trainable (OpenImages: 100). Default 10. */
  trainableFrom?: number;
  /** Names of the files: `plain` (default), or those of OpenImages V6 (`oidv6-train-annotations-human-imagelabels.csv`). */
  release?: OpenImagesRelease;
  /** Write the label files and image lists as `.csv.gz`. Default false. */
  gzip?: boolean;
}

export interface OpenImagesExport {
  readonly folder: string;
  readonly classDescriptions: string;
  readonly trainableClasses: string;
  /** The reference authors' form: path, positive MIDs, negative MIDs, split. */
  readonly dataCsv: string;
  readonly splits: Readonly<
    Record<OpenImagesSplit, { labels: string; machineLabels: string; imageList: string; images: string }>
  >;
}

type OpenImagesSplit = "train" | "validation" | "test";

const splitFolders: Record<SplitName, OpenImagesSplit> = { train: "train", val: "validation", ood: "test" };
const speaker = "exportOpenImages";

/**
 * Writes the truth of a set as OpenImages files, with only a share of the labels verified: train, val and ood
 * become train, validation and test. Images are hard links (copies where the file system has none) named by a
 * 16-digit hexadecimal id, see {@link openImagesId}. `data.csv` lists train and val, as the reference's does.
 */
export async function exportOpenImages(
  set: SceneSet,
  options: ExportOpenImagesOptions = {},
): Promise<OpenImagesExport> {
  checkOptions(speaker, options, {
    folder: true,
    annotatedShare: true,
    seed: true,
    trainableFrom: true,
    release: true,
    gzip: true,
  });
  const { annotatedShare = { positive: 0.6, negative: 0.2 }, seed = 1, trainableFrom = 10 } = options;
  const { folder = join(set.folder, "openimages"), release = "plain", gzip = false } = options;
  const share = checkShare(annotatedShare, speaker);
  const truths = await Promise.all(splitNames.map((split) => readInstances(set, split, speaker)));
  const images = truths.map((truth, i) => {
    const mids = listMids(truth);
    return verifiedLabels(truth, { annotatedShare: share, seed })
      .map(
        ({ imageId, positives, negatives, machine }): OpenImagesImage => ({
          id: openImagesId(imageId),
          imageId,
          split: splitFolders[splitNames[i]!],
          positives: positives.map((c) => mids[c]!),
          negatives: negatives.map((c) => mids[c]!),
          machine: machine.map(([c, tenths]) => [mids[c]!, tenths] as const),
        }),
      )
      .sort((a, b) => (a.id < b.id ? -1 : 1)); // OpenImages' files are in the order of their ids
  });

  const files = openImagesFiles(images, {
    classes: classNames(truths[0]!),
    size: truths[0]!.images[0]?.width ?? 0,
    trainableFrom,
    release,
  });
  const names = openImagesNames[release];
  const zipped = (name: string): boolean => gzip && name.endsWith(".csv") && /annotations|images/.test(name);
  const fill = async (): Promise<object> => {
    for (const [name, text] of files) {
      if (zipped(name)) await writeFileAtomically(join(folder, `${name}.gz`), gzipSync(text), speaker);
      else await writeFileAtomically(join(folder, name), text, speaker);
    }
    await linkImages(set, folder, images);
    return { generator: "@csl/scenes", annotatedShare: share, seed, trainableFrom };
  };
  const onDisk = (name: string): string => (zipped(name) ? `${name}.gz` : name);
  const written = [
    ...Array.from(files.keys(), onDisk),
    ...images.flat().map(({ split, id }) => `${split}/${id}.jpg`),
  ];
  await fillFolder({ folder, name: "openimages", speaker }, { files: written, fill });
  return describeExport(folder, names, onDisk);
}

/** The OpenImages-style id of an image: 16 hexadecimal digits (64 bits, so never a Number) from its COCO id. */
export function openImagesId(cocoImageId: number): string {
  return createHash("sha256").update(`@csl/scenes ${cocoImageId}`).digest("hex").slice(0, 16);
}

function listMids({ categories }: CocoInstances): string[] {
  return categories.map(({ id }) => sceneClasses.find(({ cocoId }) => cocoId === id)!.mid);
}

function classNames(truth: CocoInstances): { mid: string; name: string }[] {
  const mids = listMids(truth);
  return truth.categories.map(({ name }, i) => ({
    mid: mids[i]!,
    name: name[0]!.toUpperCase() + name.slice(1),
  }));
}

async function linkImages(
  set: SceneSet,
  folder: string,
  splits: readonly OpenImagesImage[][],
): Promise<void> {
  const queue = new JobQueue(16);
  for (const [i, images] of splits.entries()) {
    const split = splitNames[i]!;
    await mkdir(join(folder, splitFolders[split]), { recursive: true });
    for (const { id, imageId } of images) {
      const from = join(set.splits[split].images, fileName(imageId));
      const to = join(folder, splitFolders[split], `${id}.jpg`);
      await queue.add(() => link(from, to).catch(() => copyFile(from, to)));
    }
  }
  await queue.finish();
}

function describeExport(
  folder: string,
  names: (typeof openImagesNames)[OpenImagesRelease],
  onDisk: (name: string) => string,
): OpenImagesExport {
  const split = (name: OpenImagesSplit) => ({
    labels: join(folder, onDisk(names.labels(name))),
    machineLabels: join(folder, onDisk(names.machineLabels(name))),
    imageList: join(folder, onDisk(names.images(name))),
    images: join(folder, name),
  });
  return {
    folder,
    classDescriptions: join(folder, names.classDescriptions),
    trainableClasses: join(folder, names.trainableClasses),
    dataCsv: join(folder, "data.csv"),
    splits: { train: split("train"), validation: split("validation"), test: split("test") },
  };
}
