import { opendir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";

export type OpenImagesSplit = "train" | "validation" | "test";
export type OpenImagesVersion = 3 | 4 | 5 | 6 | 7;

/** The files of a split that lie in a folder, by what they are for. */
export type OfficialFiles = Partial<Record<FileRole, string>>;

type FileRole =
  | "human"
  | "boxable"
  | "machine"
  | "images"
  | "descriptions"
  | "boxableDescriptions"
  | "trainable"
  | "hierarchy"
  | "processed"
  | "processedNames";

/**
 * The names of the files of V3 to V7, in any folder; and those of FiftyOne, whose folder of a split has `data`, `labels`
 * and `metadata`. `{split}` is one of the three splits.
 */
const roles: Readonly<Record<FileRole, RegExp>> = {
  human: /(^|\/)((oidv\d-)?{split}-annotations-human-imagelabels|{split}\/annotations-human)\.csv$/,
  boxable:
    /(^|\/)((oidv\d-)?{split}-annotations-human-imagelabels-boxable|{split}\/labels\/classifications)\.csv$/,
  machine: /(^|\/)((oidv\d-)?{split}-annotations-machine-imagelabels|{split}\/annotations-machine)\.csv$/,
  images:
    /(^|\/)((oidv\d-)?{split}-images(-with-labels|-boxable)?-with-rotation|{split}\/images|{split}\/metadata\/image_ids)\.csv$/,
  descriptions: /(^|\/)(oidv\d-)?class-descriptions\.csv$/,
  boxableDescriptions: /(^|\/)((oidv\d-)?class-descriptions-boxable|metadata\/classes)\.csv$/,
  trainable: /(^|\/)(oidv\d-)?classes-trainable\.txt$/,
  hierarchy: /(^|\/)(bbox_labels_600_hierarchy|metadata\/hierarchy)\.json$/,
  processed: /(^|\/)data\.csv$/,
  processedNames: /(^|\/)mid_to_classes\.pth$/,
};

/** Folders with more entries hold images, not tables. */
const MOST_ENTRIES = 5000;
const DEPTH = 4;

/**
 * Finds them below `folder`, plain or `.gz`, four folders deep. Of several versions the newest is taken (V6 keeps V5's
 * validation and test), none newer than `version`.
 */
export async function findOfficialFiles(
  folder: string,
  split: OpenImagesSplit,
  options: { version?: OpenImagesVersion } = {},
): Promise<OfficialFiles> {
  checkOptions("findOfficialFiles", options, { version: true });
  const { version = 7 } = options;
  const paths = await tablesBelow(folder);
  // FiftyOne's folder of one split: its name says which, else it is for training.
  const own = /^(train|validation|test)$/.exec(basename(resolve(folder)))?.[0] ?? "train";
  const placed = (path: string): string => (/^(labels|metadata)\//.test(path) ? `${own}/${path}` : path);
  const found: OfficialFiles = {};
  const splitPattern = split === "validation" ? "(validation|val)" : split; // V7 says oidv7-val-…
  for (const role of Object.keys(roles) as FileRole[]) {
    const pattern = new RegExp(roles[role].source.replaceAll("{split}", splitPattern));
    const [best] = paths
      .filter((path) => pattern.test(placed(path.replace(/\.gz$/, ""))) && versionOf(path) <= version)
      .sort((a, b) => versionOf(b) - versionOf(a) || a.length - b.length || (a < b ? -1 : 1));
    if (best !== undefined) found[role] = join(folder, best);
  }
  return found;
}

/** By its prefix, or the folder that the bucket keeps it in; 0 when nothing says so. */
function versionOf(path: string): number {
  const named = /(?:^|\/)oidv(\d)-[^/]*$/.exec(path) ?? /(?:^|\/)v([3-7])\//i.exec(path);
  if (named) return Number(named[1]);
  return /2018_04/.test(path) ? 4 : /2017_11/.test(path) ? 3 : 0;
}

/** Relative paths, "/" between the parts, of everything that is not an image. */
async function tablesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  const visit = async (below: string, depth: number): Promise<void> => {
    const subfolders: string[] = [];
    let entries = 0;
    for await (const entry of await opendir(join(folder, below))) {
      if (++entries > MOST_ENTRIES) break;
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      // What is being unpacked is not all there.
      if (entry.isDirectory()) {
        if (!entry.name.endsWith(".unpacking")) subfolders.push(path);
      } else if (/\.(csv|txt|json|pth)(\.gz)?$/.test(entry.name)) found.push(path);
    }
    if (depth >= DEPTH || subfolders.length > 64) return;
    for (const path of subfolders) await visit(path, depth + 1);
  };
  try {
    await visit("", 1);
  } catch (cause) {
    const { code = "error" } = cause as NodeJS.ErrnoException;
    throw new CslError(
      code === "ENOENT" || code === "ENOTDIR" ? "not-found" : "cannot-read",
      `findOfficialFiles: expected a folder at ${folder}, got ${code}. Is the path right?`,
      { cause },
    );
  }
  return found;
}
