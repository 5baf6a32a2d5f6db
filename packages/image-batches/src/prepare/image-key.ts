/**
 * The key of a sample, from the name of its image: without the ending, "/" between folders, no dot in the last part
 * (readers of shards take everything up to the first dot). `train2017/0001.jpg` → `train2017/0001`; a name in a shard,
 * `train-000000.tar/0001`, → `0001`.
 */
export function imageKey(name: string): string {
  const plain = name
    .replaceAll("\\", "/")
    .replace(/^.*\.tar\//, "")
    .replace(/^(\.{0,2}\/)+/, "");
  const folder = plain.slice(0, plain.lastIndexOf("/") + 1);
  const file = plain.slice(folder.length).replace(/\.[^.]*$/, "");
  return folder + file.replaceAll(".", "_");
}
