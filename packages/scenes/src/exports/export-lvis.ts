import { copyFile, link, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { checkOptions } from "@csl/internal/errors/check-options";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import { type CocoInstances, readInstances } from "../coco-instances.js";
import { fillFolder } from "../owned-folder.js";
import { type SceneSet, type SplitName, splitNames } from "../scene-set.js";
import { lvisFile } from "./lvis-file.js";
import { type AnnotatedShare, checkShare } from "./verified-labels.js";

export interface ExportLvisOptions {
  /** Default: `lvis` inside the set's folder. */
  folder?: string;
  /** Default { positive: 0.8, negative: 0.2 }; one number is used for both. 1 gives all labels. */
  annotatedShare?: number | AnnotatedShare;
  /** Seed of the draw of verified labels. Default 1. */
  seed?: number;
  /**
   * The folder is laid out as LVIS users have it: `annotations/lvis_v1_train.json` beside COCO's `train2017/` with twelve
   * digits a name; images are hard links. Default false: the files only, which lead to the set's own images.
   */
  images?: boolean;
}

export interface LvisExport {
  readonly folder: string;
  /** The JSON file of each split. */
  readonly splits: Readonly<Record<SplitName, string>>;
}

const speaker = "exportLvis";

/** COCO's folders for the splits. */
const imageFolders: Record<SplitName, string> = { train: "train2017", val: "val2017", ood: "test2017" };

const lvisPath = (split: SplitName, id: number): string =>
  `${imageFolders[split]}/${String(id).padStart(12, "0")}.jpg`;

async function linkImages(
  set: SceneSet,
  folder: string,
  split: SplitName,
  truth: CocoInstances,
): Promise<void> {
  for (const { id, file_name } of truth.images) {
    const from = join(set.splits[split].images, file_name);
    const to = join(folder, lvisPath(split, id));
    await link(from, to).catch(() => copyFile(from, to));
  }
}

/**
 * Writes the truth of a set as LVIS v1 files (`lvis_v1_train.json`, …), with only a share of the labels verified.
 * As in LVIS, an annotation means present, `neg_category_ids` verified absent and everything else unknown; images have
 * no file_name, the last two parts of `coco_url` lead to them from the set's folder.
 */
export async function exportLvis(set: SceneSet, options: ExportLvisOptions = {}): Promise<LvisExport> {
  checkOptions(speaker, options, { folder: true, annotatedShare: true, seed: true, images: true });
  const { annotatedShare = { positive: 0.8, negative: 0.2 }, seed = 1, images = false } = options;
  const folder = options.folder ?? join(set.folder, "lvis");
  const share = checkShare(annotatedShare, speaker);
  const truths = await Promise.all(splitNames.map((split) => readInstances(set, split, speaker)));
  const name = (split: SplitName): string => `${images ? "annotations/" : ""}lvis_v1_${split}.json`;
  const folders = images ? ["annotations", ...Object.values(imageFolders)] : [];
  const imageFiles = splitNames.flatMap((split, i) => truths[i]!.images.map(({ id }) => lvisPath(split, id)));
  const files = [...splitNames.map(name), ...(images ? imageFiles : [])];
  const fill = async (): Promise<object> => {
    for (const inner of folders) await mkdir(join(folder, inner), { recursive: true });
    if (images)
      for (const [i, split] of splitNames.entries()) await linkImages(set, folder, split, truths[i]!);
    for (const [i, split] of splitNames.entries()) {
      const imagePath = images
        ? ({ id }: { id: number }) => lvisPath(split, id)
        : ({ file_name }: { file_name: string }) => `${split}/${file_name}`;
      const file = lvisFile(truths[i]!, { imagePath, annotatedShare: share, seed });
      await writeFileAtomically(join(folder, name(split)), JSON.stringify(file), speaker);
    }
    return { generator: "@csl/scenes", annotatedShare: share, seed };
  };
  await fillFolder({ folder, name: "lvis", speaker }, { files, fill });
  const path = (split: SplitName): string => join(folder, name(split));
  return { folder, splits: { train: path("train"), val: path("val"), ood: path("ood") } };
}
