import type { ShardContent } from "./shard-writer.js";
import { TAR_BLOCK, tarEntryBytes, tarHeader } from "./shard-writer-header.js";

/**
 * The tar entries of one sample, `key.jpg` and perhaps `key.json`, headers and padding included.
 *
 * @throws when the key is not usable: readers take everything up to the first dot of the file's name for the key
 */
export function shardSample(key: string, { jpg, json }: ShardContent): Uint8Array {
  const name = key.slice(key.lastIndexOf("/") + 1);
  if (name === "" || name.includes(".") || key.startsWith("/") || key.includes("\0")) {
    throw new RangeError(
      `shard writer: expected a key like "train/0001" (no dot in its last part, not absolute), got "${key}".`,
    );
  }
  const entries = [{ name: `${key}.jpg`, body: jpg }];
  if (json !== undefined) {
    entries.push({ name: `${key}.json`, body: new TextEncoder().encode(JSON.stringify(json)) });
  }
  const out = new Uint8Array(entries.reduce((total, { body }) => total + tarEntryBytes(body.length), 0));
  let at = 0;
  for (const { name, body } of entries) {
    out.set(tarHeader(name, body.length), at);
    out.set(body, at + TAR_BLOCK);
    at += tarEntryBytes(body.length);
  }
  return out;
}
