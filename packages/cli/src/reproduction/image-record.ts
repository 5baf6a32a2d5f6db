import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";
import type { ImageList, ImageSource } from "@csl/image-batches";
import { CslError } from "@csl/internal/errors/csl-error";
import { JobQueue } from "@csl/internal/work/job-queue";
import { differingMarks, Mark, readMarks, writeMarks } from "./mark.js";

/** What is kept of images, to say later which has changed. */
export interface ImageRecord {
  images: number;
  /** Whether a mark is of name, size and content, or of name and size: the content of large sets is not read. */
  by: "content" | "size";
  /** Every so manieth image has a mark; all in sets up to 100,000. */
  every: number;
  marks: string;
  /** Names of the images with a mark, in sets that are not too large for it. */
  names?: string[];
}

/** Bytes of images that are read to know their content. */
const MOST_BYTES = 2 ** 30;
const MOST_MARKS = 100_000;
const MOST_NAMES = 10_000;
const READERS = 16;

export async function recordImages(list: ImageList): Promise<ImageRecord> {
  const every = Math.max(1, Math.ceil(list.length / MOST_MARKS));
  const sizes = await eachImage(list, every, sizeOf);
  const bytes = sizes.reduce((sum, size) => sum + Math.max(0, size), 0) * every;
  const by = bytes <= MOST_BYTES ? "content" : "size";
  const marks = await marksOf(list, { every, by, sizes });
  const names = sizes.length <= MOST_NAMES ? Array.from(sizes, (_, i) => list.nameAt(i * every)) : undefined;
  return { images: list.length, by, every, marks: writeMarks(marks), ...(names && { names }) };
}

async function marksOf(
  list: ImageList,
  { every, by, sizes }: { every: number; by: ImageRecord["by"]; sizes?: Float64Array },
): Promise<Uint32Array> {
  const found = sizes ?? (await eachImage(list, every, sizeOf));
  const contents = by === "content" ? await eachImage(list, every, contentOf) : undefined;
  return Uint32Array.from(found, (size, i) => {
    const mark = new Mark().addText(list.nameAt(i * every)).add(size);
    return contents ? mark.add(contents[i]!).value : mark.value;
  });
}

/** Changes that are named one by one. */
const NAMED = 10;

/** What has changed in images since a record of them. */
export async function imageChanges(
  before: ImageRecord,
  list: ImageList,
  { split }: { split: string },
): Promise<string[]> {
  const of = `images of "${split}"`;
  const { by, every, names } = before;
  if (list.length !== before.images) {
    const now = new Set(Array.from({ length: list.length }, (_, i) => list.nameAt(i)));
    const gone = names?.filter((name) => !now.has(name)) ?? [];
    const known = every === 1 ? new Set(names) : undefined;
    const come = names && known ? [...now].filter((name) => !known.has(name)) : [];
    return [
      `${of}: ${list.length} instead of ${before.images}`,
      ...gone.slice(0, NAMED).map((name) => `${of}: ${name} is no longer there`),
      ...come.slice(0, NAMED).map((name) => `${of}: ${name} is new`),
    ];
  }
  const marks = await marksOf(list, { every, by });
  const changed = differingMarks(readMarks(before.marks), marks);
  const lines = changed.slice(0, NAMED).map((i) => {
    const name = list.nameAt(i * every);
    const was = names?.[i];
    if (was !== undefined && was !== name) return `${of}: ${name} is where ${was} was`;
    return `${of}: ${name} has ${by === "content" ? "another size or content" : "another size"}`;
  });
  return changed.length > NAMED ? [...lines, `${of}: and ${changed.length - NAMED} more`] : lines;
}

/** A number of each image that has a mark; -1 for one that cannot be read. */
async function eachImage(
  list: ImageList,
  every: number,
  read: (source: ImageSource) => Promise<number>,
): Promise<Float64Array> {
  const found = new Float64Array(Math.ceil(list.length / every));
  const queue = new JobQueue(READERS);
  for (let i = 0; i < found.length; i++)
    await queue.add(async () => {
      found[i] = await read(list.at(i * every)).catch(() => -1);
    });
  await queue.finish();
  return found;
}

async function sizeOf(source: ImageSource): Promise<number> {
  return typeof source === "string" ? sizeOfFile(source) : source.length;
}

/** Opening anything else than a regular file, a pipe for instance, may never return. */
async function sizeOfFile(file: string): Promise<number> {
  const found = await stat(file);
  if (!found.isFile()) throw new CslError("cannot-read", `${file} is no regular file.`);
  return found.size;
}

/** The first 32 bits of the content's SHA-256. */
async function contentOf(source: ImageSource): Promise<number> {
  const { file, offset, length } =
    typeof source === "string" ? { file: source, offset: 0, length: await sizeOfFile(source) } : source;
  const handle = await open(file);
  try {
    const bytes = Buffer.alloc(length);
    await handle.read(bytes, 0, length, offset);
    return createHash("sha256").update(bytes).digest().readUInt32BE(0);
  } finally {
    await handle.close();
  }
}
