import { posix } from "node:path";
import { findImages } from "@csl/internal/files/find-images";

/** COCO 2017's folders; LVIS takes its images from all of them, whatever its own split. */
const FOLDERS = ["train2017", "val2017", "test2017", ""];

/**
 * Where the images of an LVIS file lie under `root`: as `coco_url` ends (`train2017/000000391895.jpg`), else by that
 * name in another of COCO's folders or in `root` itself. Every folder is listed once.
 *
 * @returns for every file name the path relative to `root`; undefined for an image that is nowhere.
 */
export async function findLvisImages(
  root: string,
  fileNames: readonly string[],
): Promise<(string | undefined)[]> {
  const found = await findImages(root, fileNames);
  for (const folder of FOLDERS) {
    const missing = fileNames.flatMap((_, i) => (found[i] === undefined ? [i] : []));
    if (missing.length === 0) break;
    const names = missing.map((i) => posix.join(folder, posix.basename(fileNames[i]!)));
    const there = await findImages(root, names);
    there.forEach((name, i) => {
      found[missing[i]!] = name;
    });
  }
  return found;
}
