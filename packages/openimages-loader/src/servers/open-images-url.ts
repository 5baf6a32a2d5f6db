import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { parseImageId } from "../images/image-id.js";
import { bucketUrl } from "./bucket-url.js";

/** The public bucket of images: validation, test and the boxable part of train, longest side 1024. */
export const OPEN_IMAGES_BUCKET = "https://open-images-dataset.s3.amazonaws.com";

/** Folders of the bucket by the names that people use for the splits. */
const FOLDERS: Readonly<Record<string, string>> = {
  train: "train",
  validation: "validation",
  val: "validation",
  test: "test",
  challenge2018: "challenge2018",
};

/**
 * Where the public bucket has an image. `id` may come in any form that lists write it (`train/ID.jpg`, upper case).
 *
 * @throws for an id that is not 16 hexadecimal digits, and for an unknown split
 * @see https://github.com/cvdfoundation/open-images-dataset
 */
export function openImagesUrl(id: string, split: string, options: { base?: string } = {}): string {
  checkOptions("openImagesUrl", options, { base: true });
  const { base = OPEN_IMAGES_BUCKET } = options;
  const folder = FOLDERS[split];
  if (!folder) {
    throw new CslError(
      "invalid-argument",
      `openImagesUrl: expected a split of ${Object.keys(FOLDERS).join(", ")}, got "${split}".`,
    );
  }
  const plain = parseImageId(id);
  if (!plain)
    throw new CslError(
      "invalid-argument",
      `openImagesUrl: expected an id of 16 hexadecimal digits, got "${id}".`,
    );
  return bucketUrl(base, `${folder}/${plain}.jpg`);
}
