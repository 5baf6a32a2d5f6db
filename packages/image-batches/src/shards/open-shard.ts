import { stat } from "node:fs/promises";
import { CslError } from "@csl/internal/errors/csl-error";
import { indexShard } from "./index-shard.js";
import type { ShardIndex } from "./shard-index.js";
import { indexPath, loadShardIndex, saveShardIndex } from "./shard-index-file.js";

/**
 * A shard's index: the one next to it, or a new one, which is then put there. Where that does not work (a read-only
 * folder, another program's file of that name), the index's problems say so, and the next run indexes again.
 */
export async function openShard(
  shard: string,
  {
    keepIndex,
    ...options
  }: { keepIndex: boolean; signal?: AbortSignal; onProgress?: (bytes: number) => void },
): Promise<ShardIndex> {
  const kept = keepIndex ? await loadShardIndex(shard) : undefined;
  if (kept && kept !== "foreign") return kept;
  const before = await stat(shard);
  const index = await indexShard(shard, options);
  if (!keepIndex) return index;
  try {
    if (kept === "foreign")
      throw new CslError(
        "already-exists",
        "a file of that name is there and is not an index of this package",
      );
    await saveShardIndex(shard, index, before);
    return index;
  } catch (error) {
    const text = `The index ${indexPath(shard)} was not written: ${(error as Error).message}. It is made again next time.`;
    return { ...index, problems: [...index.problems, { shard, kind: "index", text }] };
  }
}
