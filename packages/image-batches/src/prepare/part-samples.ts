import type * as nodeFiles from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { paxFields } from "../shards/pax-fields.js";
import { BLOCK, parseTarHeader } from "../shards/tar-header.js";

/** A whole sample of an unfinished shard and where it ends. */
export type PartSample = { key: string; end: number };

/**
 * The whole samples of a `.part` file: as far as headers are sound, each sample has all `endings` and its body is
 * there. A file that is missing, empty or cut anywhere gives what is before the cut.
 */
export async function partSamples(
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
