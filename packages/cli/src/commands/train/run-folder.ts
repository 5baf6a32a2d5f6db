import { open, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describeFiles, earlierFiles, isSameFile } from "@csl/internal/files/earlier-files";

/** What `csl train` leaves besides its notes, and a second run in the same folder would write over. */
const results = ["last.safetensors", "best.safetensors", "result.json", "per-class.csv", "prior.json"];
const notes = ["log.jsonl", "config.json"];

export interface RunFolderFlags {
  pathDest: string;
  resume?: string;
  overwrite: boolean;
  /** Read by the new run, and so not to be lost to it. */
  modelPath?: string;
  priorPath?: string;
  labels?: string;
  simulatePartialType?: string;
}

export interface RunFolder {
  /** Removes what an earlier run left, where that may be lost. To be called once the new one has begun. */
  clear(): Promise<void>;
}

/**
 * Makes sure that a training writes over no other: its folder holds no run, or the one that it goes on with, or one
 * that `--overwrite` gives up.
 *
 * @throws naming what is there and the ways out; nothing is changed then.
 */
export async function openRunFolder(flags: RunFolderFlags): Promise<RunFolder> {
  const { pathDest, resume, overwrite, modelPath, priorPath, labels, simulatePartialType } = flags;
  const last = join(pathDest, "last.safetensors");
  const goesOn = resume !== undefined && (await isSameFile(resume, last));
  if (goesOn) return { clear: async () => {} };
  const names = [...results, ...(simulatePartialType && !labels ? ["labels"] : [])];
  const found =
    (await earlierFiles(pathDest, names)) ??
    ((await holdsSteps(join(pathDest, "log.jsonl"))) ? await earlierFiles(pathDest, notes) : undefined);
  if (found && !overwrite) {
    const goOn = found.names.includes("last.safetensors") ? ` go on with it by --resume ${last}, or` : "";
    throw new Error(
      `csl train: expected --path-dest to be a folder without an earlier run, got ${pathDest} with ${describeFiles(found)}. ` +
        `To keep that run,${goOn} choose another --path-dest; to lose it, pass --overwrite.`,
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

/** Whether a log tells of a step of training; one of a run that could not begin does not. */
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
