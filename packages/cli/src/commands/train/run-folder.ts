import { open, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { describeFiles, earlierFiles, isSameFile } from "@csl/internal/files/earlier-files";
import type { LabelOptions, LossOptions, ModelOptions, RunOptions } from "./train-flags.js";

/** What `csl train` leaves besides its log and configuration, and a second run in the same folder would replace. */
const results = ["last.safetensors", "best.safetensors", "result.json", "per-class.csv", "prior.json"];
const notes = ["log.jsonl", "config.json"];

export type RunFolderOptions = Pick<RunOptions, "pathDest" | "resume" | "overwrite"> &
  Pick<ModelOptions, "modelPath"> &
  Pick<LossOptions, "priorPath"> &
  Pick<Partial<LabelOptions>, "labels" | "simulatePartialType">;

export interface RunFolder {
  /** Removes what an earlier run left, where that may be lost. To be called once the new one has started. */
  clear(): Promise<void>;
}

/**
 * Makes sure that a training writes over no other: its folder holds no run, or the one that it continues, or one
 * that `--overwrite` replaces.
 *
 * @throws naming what is there and the ways out; nothing is changed then.
 */
export async function openRunFolder({
  pathDest,
  resume,
  overwrite,
  modelPath,
  priorPath,
  labels,
  simulatePartialType,
}: RunFolderOptions): Promise<RunFolder> {
  const last = join(pathDest, "last.safetensors");
  const continues = resume !== undefined && (await isSameFile(resume, last));
  if (continues) return { clear: async () => {} };
  const names = [...results, ...(simulatePartialType && !labels ? ["labels"] : [])];
  const found =
    (await earlierFiles(pathDest, names)) ??
    ((await holdsSteps(join(pathDest, "log.jsonl"))) ? await earlierFiles(pathDest, notes) : undefined);
  if (found && !overwrite) {
    const toContinue = found.names.includes("last.safetensors")
      ? ` continue it with --resume ${last}, or`
      : "";
    throw new CslError(
      "already-exists",
      `csl train: expected --path-dest to be a folder without an earlier run, got ${pathDest} with ${describeFiles(found)}. ` +
        `To keep that run,${toContinue} choose another --path-dest; to lose it, pass --overwrite.`,
    );
  }
  const read = new Set([modelPath, priorPath, resume].flatMap((path) => (path ? [resolve(path)] : [])));
  return {
    async clear() {
      for (const name of [...results, ...notes]) {
        const path = join(pathDest, name);
        if (!read.has(resolve(path))) await rm(path, { force: true });
      }
    },
  };
}

/** Whether a log has a step of training; one of a run that could not start has none. */
async function holdsSteps(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(65_536), 0, 65_536, 0);
    return buffer.toString("utf8", 0, bytesRead).includes('"type":"step"');
  } finally {
    await file.close();
  }
}
