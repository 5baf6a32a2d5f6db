import { join } from "node:path";
import { writeFileAtomically } from "@csl/labels";
import { lvisFile } from "./lvis-file.js";
import { beginFolder, finishFolder, type OwnedFolder } from "./owned-folder.js";
import { readInstances } from "./read-instances.js";
import { type SceneSet, type SplitName, splitNames } from "./scene-set.js";
import { type AnnotatedShare, checkShare } from "./verified-labels.js";

export interface ExportLvisOptions {
  /** Default: `lvis` inside the set's folder. */
  folder?: string;
  /** Default { positive: 0.8, negative: 0.2 }; one number stands for both. 1 gives the full truth. */
  annotatedShare?: number | AnnotatedShare;
  /** Seed of the draw of verified labels. Default 1. */
  seed?: number;
}

export interface LvisExport {
  readonly folder: string;
  /** The JSON file of each split. */
  readonly splits: Readonly<Record<SplitName, string>>;
}

const speaker = "exportLvis";

/**
 * Writes the truth of a set as LVIS v1 files (`lvis_v1_train.json`, …), with only a share of the labels verified.
 * As in LVIS, an annotation means present, `neg_category_ids` verified absent and all else unknown; pictures have
 * no file_name, the last two parts of `coco_url` lead to them from the set's folder.
 */
export async function exportLvis(
  set: SceneSet,
  {
    folder = join(set.folder, "lvis"),
    annotatedShare = { positive: 0.8, negative: 0.2 },
    seed = 1,
  }: ExportLvisOptions = {},
): Promise<LvisExport> {
  const share = checkShare(annotatedShare, speaker);
  const truths = await Promise.all(splitNames.map((split) => readInstances(set, split, speaker)));
  const name = (split: SplitName): string => `lvis_v1_${split}.json`;
  const owned: OwnedFolder = { folder, name: "lvis", entries: splitNames.map(name), speaker };
  await beginFolder(owned);
  for (const [i, split] of splitNames.entries()) {
    const file = lvisFile(truths[i]!, { split, annotatedShare: share, seed });
    await writeFileAtomically(join(folder, name(split)), JSON.stringify(file), speaker);
  }
  await finishFolder(owned, { generator: "@csl/scenes", annotatedShare: share, seed });
  const path = (split: SplitName): string => join(folder, name(split));
  return { folder, splits: { train: path("train"), val: path("val"), ood: path("ood") } };
}
