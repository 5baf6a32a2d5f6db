import { CslError } from "@csl/internal/errors/csl-error";
import { type ImageId, parseImageId } from "../images/image-id.js";

export type ListedImage = { id: ImageId; split: string };

/**
 * A list of images as OpenImages' own downloader takes it: one per line, `train/000026e7ee790996` or the id alone,
 * perhaps with `.jpg` or in upper case. Empty lines and those that begin with # are skipped; of repeated images
 * the first counts.
 *
 * @param split the split of lines that name none
 * @throws CslError `invalid-file` naming the first line that is no id
 * @see https://github.com/openimages/dataset/blob/main/downloader.py
 */
export function parseImageIds(text: string, split: string): ListedImage[] {
  const images = new Map<ImageId, ListedImage>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const entry = line.trim();
    if (entry === "" || entry.startsWith("#")) continue;
    const id = parseImageId(entry);
    if (!id) {
      throw new CslError(
        "invalid-file",
        `parseImageIds: expected ids of 16 hexadecimal digits, perhaps after a split and "/", got "${entry}" in line ` +
          `${i + 1}.`,
      );
    }
    const named = /(?:^|\/)(train|validation|val|test|challenge2018)\/[^/]*$/i
      .exec(entry)?.[1]
      ?.toLowerCase();
    if (!images.has(id)) images.set(id, { id, split: named ?? split });
  }
  return [...images.values()];
}
