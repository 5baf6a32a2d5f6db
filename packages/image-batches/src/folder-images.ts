import { join } from "node:path";
import type { ImageList } from "./image-list.js";

/** Texts by position: an array, or anything packed that answers `at`, e.g. a label table's sample ids. */
export type Texts = { readonly length: number; at(position: number): string | undefined };

/**
 * The images of a folder by their file names (paths below `root`). A path is put together when it is asked for:
 * the list itself holds nothing per image.
 */
export function folderImages(root: string, fileNames: Texts): ImageList {
  const nameOf = (position: number): string => {
    const name = fileNames.at(position);
    if (name === undefined) {
      throw new RangeError(`folderImages: expected a position below ${fileNames.length}, got ${position}.`);
    }
    return name;
  };
  return { length: fileNames.length, at: (position) => join(root, nameOf(position)), nameOf };
}
