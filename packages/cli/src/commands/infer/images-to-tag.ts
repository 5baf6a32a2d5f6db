import { open } from "node:fs/promises";
import type { ImageSource } from "@csl/image-batches";
import type { ClassList } from "@csl/labels";
import type { Context } from "../../context.js";
import { type DatasetFlags, openDataset } from "../../flags/open-dataset.js";

export interface InferDataFlags extends Omit<DatasetFlags, "data"> {
  data?: string;
  split: string;
  count: number;
}

/** An image to tag: what it is called, and its path or its bytes. */
export interface ImageToTag {
  name: string;
  source: string | Uint8Array;
}

/** The images named on the command line, or the first `--count` ones of a data set's split. */
export async function* imagesToTag(
  paths: readonly string[],
  { data, split, count, ...flags }: InferDataFlags,
  classes: ClassList | undefined,
  { terminal, signal }: Context,
): AsyncGenerator<ImageToTag, void, undefined> {
  for (const path of paths) yield { name: path, source: path };
  if (data === undefined) return;
  const dataset = await openDataset({ ...flags, data }, terminal, { ...(classes && { classes }), signal });
  const { list } = await (await dataset.split(split)).images();
  for (let position = 0; position < Math.min(count, list.length); position++)
    yield { name: list.nameOf(position), source: await bytesOf(list.at(position)) };
}

/** A path as it is, a range of a shard as its bytes. */
async function bytesOf(image: ImageSource): Promise<string | Uint8Array> {
  if (typeof image === "string") return image;
  const file = await open(image.file);
  try {
    const bytes = Buffer.alloc(image.length);
    const { bytesRead } = await file.read(bytes, 0, image.length, image.offset);
    if (bytesRead < image.length)
      throw new Error(
        `csl: ${image.file} ends within an image (byte ${image.offset + bytesRead}). Was the shard cut off?`,
      );
    return bytes;
  } finally {
    await file.close();
  }
}
