import { stat } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { listImages } from "@csl/image-batches";
import { CslError } from "@csl/internal/errors/csl-error";
import { type DatasetOptions, openDataset } from "../../data/open-dataset.js";
import { pathOrBytes } from "../../data/path-or-bytes.js";
import type { Context } from "../../flags/command.js";

export interface ImagesToTagOptions extends Partial<DatasetOptions> {
  split: string;
  count: number;
}

/** An image to tag. */
export interface ImageToTag {
  name: string;
  /** The file that it is, or is in. */
  file: string;
  /** Its path or its bytes. */
  read: () => Promise<string | Uint8Array>;
  /** It need not be an image: it was found in a folder. */
  ofFolder: boolean;
}

/** An image file of the command line; one of a folder may turn out to be none without ending the command. */
export interface NamedImage {
  path: string;
  ofFolder: boolean;
}

/**
 * The image files that the command line names, and those of the folders that it names, sub-folders included. What is in
 * `out` is left out: an earlier run may have put its annotated images below such a folder. Looked for before an engine
 * starts and the first is tagged.
 *
 * @throws CslError for none and no data set, for a path that is not there, and for a folder without images.
 */
export async function namedImages(
  paths: readonly string[],
  { data, out }: { data?: string | undefined; out: string },
): Promise<NamedImage[]> {
  if (data === undefined && paths.length === 0)
    throw new CslError(
      "invalid-argument",
      "csl infer: expected images or --data, got neither. Name image files, a folder of them, or a data set.",
    );
  const results = `${resolve(out)}${sep}`;
  const images: NamedImage[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (!found)
      throw new CslError(
        "not-found",
        `csl infer: expected image files, got ${path}, which does not exist. Is the path right?`,
      );
    if (!found.isDirectory()) {
      images.push({ path, ofFolder: false });
      continue;
    }
    const files = await listImages(path);
    const own = files.filter((file) => !resolve(file).startsWith(results));
    if (own.length === 0)
      throw new CslError(
        "not-found",
        `csl infer: expected images in the folder ${path}, got ${files.length === 0 ? "none" : `only those of --out ${out}`}. Is it the right folder?`,
      );
    images.push(...own.map((file) => ({ path: file, ofFolder: true })));
  }
  return images;
}

/** The images named on the command line, each once, and the first `--count` ones of a data set's split. */
export async function imagesToTag(
  named: readonly NamedImage[],
  { data, split, count, ...options }: ImagesToTagOptions,
  { terminal, signal }: Context,
): Promise<ImageToTag[]> {
  const once = new Map(named.map((image) => [resolve(image.path), image]));
  const images: ImageToTag[] = [...once.values()].map(({ path, ofFolder }) => ({
    name: path,
    file: path,
    read: async () => path,
    ofFolder,
  }));
  if (data === undefined) return images;
  const dataset = await openDataset({ ...options, data }, terminal, { signal });
  const { list } = await (await dataset.split(split)).images();
  for (let position = 0; position < Math.min(count, list.length); position++) {
    const source = list.at(position);
    const file = typeof source === "string" ? source : source.file;
    images.push({
      name: list.nameAt(position),
      file,
      read: () => pathOrBytes(source, "csl infer"),
      ofFolder: false,
    });
  }
  return images;
}
