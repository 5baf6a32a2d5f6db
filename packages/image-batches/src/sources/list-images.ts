import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";

/** File name endings that count as images. */
const ENDINGS = /\.(jpe?g|png|webp|gif|tiff?|avif)$/i;

export type ListImagesOptions = {
  /** Look into sub-folders too. Default true. */
  recursive?: boolean;
};

/**
 * The image files of a folder by their ending, sorted by path (code units, so the order is the same on every
 * machine). Names that start with a dot are left out.
 *
 * @returns paths that begin with `folder`
 * @throws when the folder cannot be read
 */
export async function listImages(folder: string, options: ListImagesOptions = {}): Promise<string[]> {
  checkOptions("listImages", options, { recursive: true });
  const { recursive = true } = options;
  let entries: string[];
  try {
    entries = await readdir(folder, { recursive });
  } catch (error) {
    throw new CslError(
      "cannot-read",
      `listImages: expected a folder, got ${folder}: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
  return entries
    .filter((entry) => ENDINGS.test(entry) && !entry.split(/[\\/]/).some((name) => name.startsWith(".")))
    .sort()
    .map((entry) => join(folder, entry));
}
