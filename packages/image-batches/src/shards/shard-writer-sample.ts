import { CslError } from "@csl/internal/errors/csl-error";
import { tarEntry } from "./shard-writer-header.js";

export type ShardContent = {
  /** The bytes of a JPEG file. */
  jpg: Uint8Array;
  /** Whatever belongs to the image, e.g. its labels; written as `key.json` beside `key.jpg`. */
  json?: unknown;
};

/** Whether readers give the key back: they take everything up to the first dot of the file's name for it. */
export function isShardKey(key: string): boolean {
  const name = key.slice(key.lastIndexOf("/") + 1);
  return name !== "" && !name.includes(".") && !key.startsWith("/") && !key.includes("\0");
}

/**
 * The tar entries of one sample, `key.jpg` and perhaps `key.json`, headers and padding included.
 *
 * @throws when the key is not usable
 */
export function shardSample(key: string, { jpg, json }: ShardContent): Uint8Array {
  if (!isShardKey(key)) {
    throw new CslError(
      "invalid-argument",
      `createShardWriter: expected a key like "train/0001" (no dot in its last part, not absolute), got "${key}".`,
    );
  }
  const parts = tarEntry(`${key}.jpg`, jpg);
  if (json !== undefined) {
    parts.push(...tarEntry(`${key}.json`, new TextEncoder().encode(JSON.stringify(json))));
  }
  return Buffer.concat(parts);
}
