import { open, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { ImageSource } from "@csl/image-batches";
import { CslError } from "@csl/internal/errors/csl-error";
import { type DatasetOptions, openDataset } from "../../data/open-dataset.js";
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
}

/**
 * Checks that the images which the command line names are there, before an engine starts and the first is tagged.
 *
 * @throws CslError for none and no data set, for a folder, and for one that is not there.
 */
export async function requireImages(
  paths: readonly string[],
  { data }: { data?: string | undefined },
): Promise<void> {
  if (data === undefined && paths.length === 0)
    throw new CslError(
      "invalid-argument",
      "csl infer: expected images or --data, got neither. Name image files or a data set.",
    );
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (!found)
      throw new CslError(
        "not-found",
        `csl infer: expected image files, got ${path}, which does not exist. Is the path right?`,
      );
    if (found.isDirectory())
      throw new CslError(
        "invalid-argument",
        `csl infer: expected image files, got the folder ${path}. Name its images (${join(path, "*.jpg")}), or a data set with --data.`,
      );
  }
}

/** The images named on the command line, each once, and the first `--count` ones of a data set's split. */
export async function imagesToTag(
  paths: readonly string[],
  { data, split, count, ...options }: ImagesToTagOptions,
  { terminal, signal }: Context,
): Promise<ImageToTag[]> {
  const named = new Map(paths.map((path) => [resolve(path), path]));
  const images: ImageToTag[] = [...named.values()].map((path) => ({
    name: path,
    file: path,
    read: async () => path,
  }));
  if (data === undefined) return images;
  const dataset = await openDataset({ ...options, data }, terminal, { signal });
  const { list } = await (await dataset.split(split)).images();
  for (let position = 0; position < Math.min(count, list.length); position++) {
    const source = list.at(position);
    const file = typeof source === "string" ? source : source.file;
    images.push({ name: list.nameAt(position), file, read: () => pathOrBytes(source) });
  }
  return images;
}

/** A path as it is, a range of a shard as its bytes. */
async function pathOrBytes(image: ImageSource): Promise<string | Uint8Array> {
  if (typeof image === "string") return image;
  const file = await open(image.file);
  try {
    const bytes = Buffer.alloc(image.length);
    const { bytesRead } = await file.read(bytes, 0, image.length, image.offset);
    if (bytesRead < image.length)
      throw new CslError(
        "invalid-file",
        `csl infer: ${image.file} ends within an image (byte ${image.offset + bytesRead}). Was the shard cut off?`,
      );
    return bytes;
  } finally {
    await file.close();
  }
}
