import type * as nodeFiles from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { isSameFile } from "@csl/internal/files/earlier-files";
import { paxFields } from "@csl/internal/tar/pax-fields";
import { BLOCK, parseTarHeader } from "@csl/internal/tar/tar-header";
import { shardName } from "../shards/shard-writer.js";
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
export function isShardFile(name: string, prefix: string): boolean {
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
 * A run replaces and deletes nothing but what the notes of earlier runs name.
 *
 * @param own the shards of earlier runs, by their notes. The unfinished one after them is theirs too.
 * @param isWritten whether a run was killed between a shard's last byte and its note: asked for the one after `own`
 * @throws CslError `already-exists`, naming the first other file that the run could replace
 */
export async function refuseOthers(
  folder: string,
  prefix: string,
  { own, isWritten, files }: OwnShards & { isWritten: (path: string) => Promise<boolean> },
): Promise<void> {
  const next = shardName(prefix, own.length);
  const known = new Set([...own, ...own.map((name) => `${name}.part`), `${next}.part`]);
  const others: string[] = [];
  for (const name of (await files.readdir(folder)).sort()) {
    if (!isShardFile(name, prefix) || name.endsWith(".idx") || known.has(name)) continue;
    if (name === next && (await isWritten(join(folder, name)))) continue;
    others.push(name);
  }
  if (others.length === 0) return;
  const more = others.length > 1 ? ` (and ${others.length - 1} more)` : "";
  throw new CslError(
    "already-exists",
    `prepareShards: expected no files called ${prefix}-*.tar in ${folder} but those of an earlier run, got ` +
      `${others[0]}${more} and no notes of how it was made. Move it away, or choose another folder or prefix.`,
  );
}

/** Names of shards, and where they are. */
interface OwnShards {
  own: readonly string[];
  files: Pick<typeof nodeFiles, "readdir">;
}

/** Deletes shards of earlier runs that are not continued, with their indexes, and what is unfinished of them. */
export async function deleteShards(
  folder: string,
  names: readonly string[],
  files: Pick<typeof nodeFiles, "rm">,
): Promise<void> {
  for (const name of names)
    for (const ending of ["", ".idx", ".part"])
      await files.rm(join(folder, `${name}${ending}`), { force: true });
}
