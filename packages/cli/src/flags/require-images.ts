import { stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * Looks whether the images that the command line names are there, before an engine starts and the first is tagged.
 *
 * @throws for none and no data set, for a folder, and for one that is not there.
 */
export async function requireImages(
  paths: readonly string[],
  { data }: { data?: string | undefined },
): Promise<void> {
  if (data === undefined && paths.length === 0)
    throw new Error("csl infer: expected images or --data, got neither. Name image files or a data set.");
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (!found)
      throw new Error(`csl infer: expected image files, got ${path}, which is not there. Is the path right?`);
    if (found.isDirectory())
      throw new Error(
        `csl infer: expected image files, got the folder ${path}. Name its images (${join(path, "*.jpg")}), or a data set with --data.`,
      );
  }
}
