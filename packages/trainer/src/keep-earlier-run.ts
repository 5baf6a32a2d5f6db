import { join } from "node:path";
import { describeFiles, earlierFiles, isSameFile } from "./earlier-files.js";
import type { TrainTask } from "./task.js";

/**
 * A second run in the folder of a first one would write over its checkpoints, the work of days.
 *
 * @throws when `checkpointFolder` holds checkpoints, unless the run goes on from its `last` or may `overwrite` them.
 */
export async function keepEarlierRun({
  checkpointFolder,
  resume,
  overwrite = false,
}: Pick<TrainTask, "checkpointFolder" | "resume" | "overwrite">): Promise<void> {
  if (checkpointFolder === undefined || overwrite) return;
  const last = join(checkpointFolder, "last.safetensors");
  if (resume !== undefined && (await isSameFile(resume, last))) return;
  const found = await earlierFiles(checkpointFolder, ["last.safetensors", "best.safetensors"]);
  if (!found) return;
  const goOn = found.names.includes("last.safetensors") ? `go on with resume: "${last}" or ` : "";
  throw new Error(
    `train: expected a checkpointFolder without checkpoints of another run, got ${checkpointFolder} with ` +
      `${describeFiles(found)}. To keep them, ${goOn}choose another folder; to lose them, pass overwrite: true.`,
  );
}
