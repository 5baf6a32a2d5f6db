import type * as nodeFiles from "node:fs/promises";
import { join } from "node:path";

/**
 * Deletes shards of this prefix that shall not be continued, their indexes and unfinished ones too; whatever has another
 * name stays. With `keep` it throws instead when there are any.
 */
export async function deleteShards(
  folder: string,
  prefix: string,
  keep: boolean,
  files: Pick<typeof nodeFiles, "readdir" | "rm">,
): Promise<void> {
  const ours = (await files.readdir(folder)).filter(
    (name) =>
      name.startsWith(`${prefix}-`) && /^\d{6,}\.tar(\.part|\.idx)?$/.test(name.slice(prefix.length + 1)),
  );
  if (keep && ours.some((name) => name.endsWith(".tar"))) {
    throw new Error(
      `prepareShards: ${folder} holds shards called ${prefix}-*.tar and no notes of how they were made. ` +
        "Choose another folder or prefix, or begin anew with resume: false.",
    );
  }
  for (const name of ours) await files.rm(join(folder, name));
}
