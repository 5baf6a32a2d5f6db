import type * as nodeFiles from "node:fs/promises";
import { partSamples } from "./part-samples.js";
import type { UnreadableEntry } from "./prepare-journal.js";

/** Where a run goes on, and how much of an unfinished shard it keeps. */
export type Continuation = { position: number; partial: { bytes: number; samples: number } };

/**
 * Where to go on within an unfinished shard: its whole samples are matched with the images from `next` on. Images
 * without a sample are passed over only when the notes say that they were unreadable.
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
