import { posix } from "node:path";
import { findPictures } from "@csl/internal/files/find-pictures";

/** COCO 2017's folders; LVIS takes its pictures from all of them, whatever its own split. */
const FOLDERS = ["train2017", "val2017", "test2017", ""];

/**
 * Where the pictures of an LVIS file lie under `root`: as `coco_url` ends (`train2017/000000391895.jpg`), else by that
 * name in another of COCO's folders or in `root` itself. Every folder is listed once.
 *
 * @returns for every file name the path relative to `root`; undefined for a picture that is nowhere.
 */
export async function findLvisPictures(
  root: string,
  fileNames: readonly string[],
): Promise<(string | undefined)[]> {
  const found = await findPictures(root, fileNames);
  for (const folder of FOLDERS) {
    const missing = fileNames.flatMap((_, i) => (found[i] === undefined ? [i] : []));
    if (missing.length === 0) break;
    const names = missing.map((i) => posix.join(folder, posix.basename(fileNames[i]!)));
    const there = await findPictures(root, names);
    there.forEach((name, i) => {
      found[missing[i]!] = name;
    });
  }
  return found;
}
