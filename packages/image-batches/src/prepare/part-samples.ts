import type * as nodeFiles from "node:fs/promises";

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
    const header = Buffer.alloc(512);
    for (let at = 0; ; ) {
      let key: string | undefined;
      for (const ending of endings) {
        const { bytesRead } = await file.read(header, 0, 512, at);
        const entry = bytesRead === 512 ? entryOf(header) : undefined;
        if (!entry?.name.endsWith(`.${ending}`)) return samples;
        const entryKey = entry.name.slice(0, -ending.length - 1);
        key ??= entryKey;
        at += 512 + Math.ceil(entry.size / 512) * 512;
        if (entryKey !== key || at > size) return samples;
      }
      samples.push({ key: key!, end: at });
    }
  } finally {
    await file.close();
  }
}

/** Name and size of a tar header; undefined when its checksum is wrong, as that of zeros is. */
function entryOf(header: Buffer): { name: string; size: number } | undefined {
  const told = Number.parseInt(header.toString("latin1", 148, 156), 8);
  let sum = 8 * 0x20;
  for (let i = 0; i < 512; i++) if (i < 148 || i >= 156) sum += header[i]!;
  if (sum !== told) return undefined;
  const name = header.toString("utf8", 0, 100).replace(/\0.*$/s, "");
  return { name, size: Number.parseInt(header.toString("latin1", 124, 136), 8) };
}
