import { join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";

/** An image that is part of a larger file, e.g. of a tar: `length` bytes from `offset` on. */
export type ByteRange = { file: string; offset: number; length: number };

/** Where an image is: the path of its file, or a range of one. */
export type ImageSource = string | ByteRange;

/**
 * Images by position. It answers one position at a time, so that millions of images need no object each: a list
 * may compute a path, or look a range up in packed arrays.
 */
export type ImageList = {
  readonly length: number;
  at(position: number): ImageSource;
  /** What a report calls the image. */
  nameAt(position: number): string;
};

/** A list as it is, or an array of paths as a list. */
export function toImageList(images: readonly string[] | ImageList): ImageList {
  if ("nameAt" in images) return images;
  return {
    length: images.length,
    at: (position) => images[position]!,
    nameAt: (position) => images[position]!,
  };
}

/** Texts by position: an array, or anything packed that answers `at`, e.g. a label table's sample ids. */
export type Texts = { readonly length: number; at(position: number): string | undefined };

/**
 * The images of a folder by their file names (paths below `root`). A path is put together when it is asked for:
 * the list itself holds nothing per image.
 */
export function folderImages(root: string, fileNames: Texts): ImageList {
  const nameAt = (position: number): string => {
    const name = fileNames.at(position);
    if (name === undefined) {
      throw new CslError(
        "invalid-argument",
        `folderImages: expected a position below ${fileNames.length}, got ${position}.`,
      );
    }
    return name;
  };
  return { length: fileNames.length, at: (position) => join(root, nameAt(position)), nameAt };
}
