import type * as nodeFiles from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { isSameFile } from "@csl/internal/files/earlier-files";
import { paxFields } from "@csl/internal/tar/pax-fields";
import { BLOCK, parseTarHeader } from "@csl/internal/tar/tar-header";
import type { ImageList } from "../sources/image-list.js";
import type { UnreadableEntry } from "./prepare-journal.js";

/** Where a run continues, and how much of an unfinished shard it keeps. */
export type Continuation = { position: number; partial: { bytes: number; samples: number } };

/**
 * Where to continue within an unfinished shard: its whole samples are matched with the images from `next` on. Images
 * without a sample are skipped only when the notes say that they were unreadable.
 */
export async function continuation(
  partPath: string,
  {
    next,
    total,
    keyAt,
    unreadable,
    endings,
    files,
  }: {
    next: number;
    total: number;
    keyAt: (position: number) => string;
    unreadable: readonly UnreadableEntry[];
    endings: readonly string[];
    files: Pick<typeof nodeFiles, "open">;
  },
): Promise<Continuation> {
  const skipped = new Set(unreadable.map(({ position }) => position));
  const partial = { bytes: 0, samples: 0 };
  let position = next;
  for (const { key, end } of await partSamples(partPath, endings, files)) {
    let at = position;
    while (at < total && keyAt(at) !== key && skipped.has(at)) at++;
    if (at >= total || keyAt(at) !== key) break;
    partial.bytes = end;
    partial.samples++;
    position = at + 1;
  }
  return { position, partial };
}

/** A whole sample of an unfinished shard and where it ends. */
type PartSample = { key: string; end: number };

/**
 * The whole samples of a `.part` file: as far as headers are sound, each sample has all `endings` and its body is
 * there. A file that is missing, empty or cut anywhere gives what is before the cut.
 */
async function partSamples(
  path: string,
  endings: readonly string[],
  { open }: Pick<typeof nodeFiles, "open">,
): Promise<PartSample[]> {
  const file = await open(path, "r").catch(() => undefined);
  if (!file) return [];
  try {
    const { size } = await file.stat();
    const samples: PartSample[] = [];
    for (let at = 0; ; ) {
      let key: string | undefined;
      for (const ending of endings) {
        const entry = await entryAt(file, at);
        if (!entry?.name.endsWith(`.${ending}`)) return samples;
        const entryKey = entry.name.slice(0, -ending.length - 1);
        key ??= entryKey;
        at = entry.end;
        if (entryKey !== key || at > size) return samples;
      }
      samples.push({ key: key!, end: at });
    }
  } finally {
    await file.close();
  }
}

const PAX = 0x78;

/** The name of an entry, from the pax header before it if there is one, and where it ends. */
async function entryAt(file: FileHandle, at: number): Promise<{ name: string; end: number } | undefined> {
  const entry = await headerAt(file, at);
  if (entry?.type !== PAX) return entry && { name: decoder.decode(entry.name), end: entry.end };
  const record = Buffer.alloc(entry.size);
  await file.read(record, 0, entry.size, at + BLOCK);
  const named = await headerAt(file, entry.end);
  return named && { name: decoder.decode(paxFields(record).path), end: named.end };
}

const decoder = new TextDecoder();

async function headerAt(
  file: FileHandle,
  at: number,
): Promise<{ type: number; name: Uint8Array; size: number; end: number } | undefined> {
  const block = new Uint8Array(BLOCK);
  const { bytesRead } = await file.read(block, 0, BLOCK, at);
  const header = bytesRead === BLOCK ? parseTarHeader(block, 0) : undefined;
  if (!header || header === "end") return undefined;
  return { ...header, end: at + BLOCK + Math.ceil(header.size / BLOCK) * BLOCK };
}

/** Whether a run with this prefix writes files of that name: shards, their indexes, and unfinished ones. */
function isShardFile(name: string, prefix: string): boolean {
  return name.startsWith(`${prefix}-`) && /^\d{6,}\.tar(\.part|\.idx)?$/.test(name.slice(prefix.length + 1));
}

/**
 * Shards are made of images, which may be in shards themselves: none of those may be one that the run replaces.
 *
 * @throws CslError `already-exists`, naming the shard.
 */
export async function refuseOwnInput(images: ImageList, folder: string, prefix: string): Promise<void> {
  const looked = new Set<string>();
  for (let position = 0; position < images.length; position++) {
    const source = images.at(position);
    const file = typeof source === "string" ? source : source.file;
    if (!isShardFile(basename(file), prefix) || looked.has(file)) continue;
    looked.add(file);
    if (!(await isSameFile(dirname(file), folder))) continue;
    throw new CslError(
      "already-exists",
      `prepareShards: expected images outside of what is written, got ${file}, which shards called ${prefix}-*.tar in ` +
        `${folder} would replace. Choose another folder or prefix.`,
    );
  }
}

/**
 * Deletes shards of this prefix that are not continued, their indexes and unfinished ones too; whatever has another
 * name stays. With `keep` it throws instead when there are any.
 */
export async function deleteShards(
  folder: string,
  prefix: string,
  keep: boolean,
  files: Pick<typeof nodeFiles, "readdir" | "rm">,
): Promise<void> {
  const ours = (await files.readdir(folder)).filter((name) => isShardFile(name, prefix));
  if (keep && ours.some((name) => name.endsWith(".tar"))) {
    throw new CslError(
      "already-exists",
      `prepareShards: ${folder} holds shards called ${prefix}-*.tar and no notes of how they were made. ` +
        "Choose another folder or prefix, or start again with resume: false.",
    );
  }
  for (const name of ours) await files.rm(join(folder, name));
}
