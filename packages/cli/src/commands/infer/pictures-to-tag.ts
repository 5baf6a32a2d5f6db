import { open } from "node:fs/promises";
import type { Picture } from "@csl/image-batches";
import type { ClassList } from "@csl/labels";
import type { Context } from "../../context.js";
import { type DatasetFlags, openDataset } from "../../flags/open-dataset.js";

export interface InferDataFlags extends Omit<DatasetFlags, "data"> {
  data?: string;
  split: string;
  count: number;
}

/** A picture to tag: what it is called, and its path or its bytes. */
export interface PictureToTag {
  name: string;
  source: string | Uint8Array;
}

/** The pictures named on the command line, or the first `--count` ones of a data set's split. */
export async function* picturesToTag(
  paths: readonly string[],
  { data, split, count, ...flags }: InferDataFlags,
  classes: ClassList | undefined,
  { terminal, signal }: Context,
): AsyncGenerator<PictureToTag, void, undefined> {
  for (const path of paths) yield { name: path, source: path };
  if (data === undefined) return;
  const dataset = await openDataset({ ...flags, data }, terminal, { ...(classes && { classes }), signal });
  const { list } = await (await dataset.split(split)).pictures();
  for (let position = 0; position < Math.min(count, list.length); position++)
    yield { name: list.nameOf(position), source: await bytesOf(list.at(position)) };
}

/** A path as it is, a range of a shard as its bytes. */
async function bytesOf(picture: Picture): Promise<string | Uint8Array> {
  if (typeof picture === "string") return picture;
  const file = await open(picture.file);
  try {
    const bytes = Buffer.alloc(picture.length);
    const { bytesRead } = await file.read(bytes, 0, picture.length, picture.offset);
    if (bytesRead < picture.length)
      throw new Error(
        `csl: ${picture.file} ends within a picture (byte ${picture.offset + bytesRead}). Was the shard cut off?`,
      );
    return bytes;
  } finally {
    await file.close();
  }
}
