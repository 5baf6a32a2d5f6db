import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { FileRanges, type ImageList, type ImageSource } from "@csl/image-batches";

/** Bytes from the middle of an image that tell most images of one size apart. */
const SAMPLE = 4096;
const AT_A_TIME = 32;

/** Positions of images that have the same bytes, by image. Only those whose size and middle agree are read whole. */
export async function copiesOf(
  images: ImageList,
  {
    signal,
    onProgress = () => {},
  }: { signal?: AbortSignal | undefined; onProgress?: (done: number) => void } = {},
): Promise<number[][]> {
  const ranges = new FileRanges();
  const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("base64");
  /** Groups of equal keys; positions without a key are in none. */
  const grouped = async (
    positions: Iterable<number>,
    keyOf: (source: ImageSource) => Promise<string | undefined>,
  ): Promise<number[][]> => {
    const groups = new Map<string, number[]>();
    let some: number[] = [];
    let done = 0;
    const take = async (): Promise<void> => {
      signal?.throwIfAborted();
      const keys = await Promise.all(some.map((position) => keyOf(images.at(position))));
      for (const [i, key] of keys.entries()) {
        if (key === undefined) continue;
        const group = groups.get(key);
        if (group) group.push(some[i]!);
        else groups.set(key, [some[i]!]);
      }
      done += some.length;
      onProgress(done);
      some = [];
    };
    for (const position of positions) if (some.push(position) === AT_A_TIME) await take();
    await take();
    return [...groups.values()].filter(({ length }) => length > 1);
  };
  try {
    const alike = await grouped(
      Array.from({ length: images.length }, (_, position) => position),
      async (source) => {
        const { length, ...range } = await rangeOf(source);
        if (length === 0) return undefined; // no image
        const sampled = Math.min(SAMPLE, length);
        const offset = range.offset + Math.floor((length - sampled) / 2);
        return `${length} ${hash(await ranges.read({ ...range, offset, length: sampled }))}`;
      },
    );
    const same = await grouped(alike.flat(), async (source) =>
      hash(await ranges.read(await rangeOf(source))),
    );
    return same.map((positions) => positions.sort((a, b) => a - b));
  } finally {
    ranges.close();
  }
}

async function rangeOf(source: ImageSource) {
  return typeof source === "string" ? { file: source, offset: 0, length: (await stat(source)).size } : source;
}
