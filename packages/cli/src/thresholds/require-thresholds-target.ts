import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { requireWritable } from "../flags/require-writable.js";
import { readThresholds } from "./thresholds-file.js";

/**
 * Looks whether thresholds may be written to a path: `csl evaluate --thresholds` takes the name of a file that it writes,
 * and a slip must not cost a checkpoint.
 *
 * @throws where that is not possible, or something else is there.
 */
export async function requireThresholdsTarget(path: string): Promise<void> {
  await requireWritable("csl evaluate", "the folder of --thresholds", dirname(path));
  const there = await stat(path).catch(() => undefined);
  if (!there) return;
  const what = there.isDirectory()
    ? "a folder"
    : await readThresholds(path).then(
        () => undefined,
        () => "something else",
      );
  if (what)
    throw new Error(
      `csl evaluate: expected --thresholds to be a new file, or one of thresholds to replace, got ${path}, which is ${what}. Choose another name.`,
    );
}
