import { open, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { copyFileAtomically } from "@csl/internal/files/copy-file-atomically";
import { describeFiles, earlierFiles, isSameFile } from "@csl/internal/files/earlier-files";
import { lockFile } from "@csl/internal/files/file-lock";
import { removeTemporaryFiles } from "@csl/internal/files/temporary-files";
import { claimOutputs, type Input } from "../../outputs/claim-outputs.js";
import { type OutputKind, outputKinds } from "../../outputs/output-kinds.js";
import { reportDataName, reportName } from "../../report/report-data.js";
import { reproductionName } from "../../reproduction/reproduction-card.js";
import { scoresName } from "../../scores/kept-scores.js";
import type { LabelOptions, RunOptions } from "./train-flags.js";
import { cardName } from "./write-model-card.js";

/** What `csl train` leaves besides its log and configuration, and a second run in the same folder would replace. */
const results: Record<string, OutputKind> = {
  "last.safetensors": outputKinds.checkpoint,
  "best.safetensors": outputKinds.checkpoint,
  "result.json": outputKinds.result,
  "per-class.csv": outputKinds.perClass,
  "prior.json": outputKinds.prior,
  "weights.json": outputKinds.weights,
  [scoresName]: outputKinds.scores,
};
const notes: Record<string, OutputKind> = {
  "log.jsonl": outputKinds.log,
  "config.json": outputKinds.configuration,
  [cardName]: outputKinds.modelCard,
  [reportName]: outputKinds.reportPage,
  [reportDataName]: outputKinds.reportData,
  [reproductionName]: outputKinds.reproduction,
};

export type RunFolderOptions = Pick<RunOptions, "pathDest" | "resume" | "overwrite"> &
  Pick<Partial<LabelOptions>, "labels" | "simulatePartialType"> & {
    /** Whether what a run without a checkpoint left may be replaced. */
    restart?: boolean;
  };

export interface RunFolder {
  /**
   * To be called once the run has started: removes what an earlier run left, where that may be lost, and takes over the
   * log and the results so far of a run that is continued from another folder.
   */
  begin(): Promise<void>;
  /** @throws CslError `in-use` when another run has taken the folder over. */
  assertHeld(): void;
  /** Lets other runs into the folder. */
  release(): Promise<void>;
}

/**
 * Makes sure that a training writes over no other, and over nothing of a person's: its folder holds no run, or the one
 * that it continues, or one that `--overwrite` replaces. Until it is released no other run works in the folder.
 *
 * @param inputs what the training reads: none of it is ever replaced.
 * @throws naming what is there and the ways out; nothing is changed then.
 */
export async function openRunFolder(options: RunFolderOptions, inputs: readonly Input[]): Promise<RunFolder> {
  const { pathDest, resume } = options;
  const lock = await lockFile(join(pathDest, "run.lock"), { speaker: "csl train" });
  const { assertHeld, release } = lock;
  try {
    const continues = resume !== undefined && (await isSameFile(resume, join(pathDest, "last.safetensors")));
    if (!continues) {
      await refuseEarlierRun(options);
      const outputs = Object.entries({ ...results, ...notes });
      await claimOutputs(
        "csl train",
        outputs.map(([name, kind]) => ({ path: join(pathDest, name), flag: "--path-dest", kind })),
        { inputs, overwrite: options.overwrite },
      );
    }
    for (const folder of [pathDest, join(pathDest, "labels")])
      await removeTemporaryFiles(folder, { alone: true });
    return {
      async begin() {
        if (continues) return;
        for (const name of Object.keys({ ...results, ...notes }))
          await rm(join(pathDest, name), { force: true });
        if (resume !== undefined) await takeOver(dirname(resume), pathDest);
      },
      assertHeld,
      release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** The log and the results so far, of which the checkpoint itself is the trainer's. */
async function takeOver(from: string, to: string): Promise<void> {
  const isThere = async (name: string): Promise<boolean> =>
    (await stat(join(from, name)).catch(() => undefined))?.isFile() === true;
  // The scores belong to the best weights.
  const scores = (await isThere("best.safetensors")) ? ["per-class.csv", reproductionName] : [];
  for (const name of ["log.jsonl", "prior.json", ...scores])
    if (await isThere(name)) await copyFileAtomically(join(from, name), join(to, name), "csl train");
}

async function refuseEarlierRun({
  pathDest,
  overwrite,
  restart,
  labels,
  simulatePartialType,
}: RunFolderOptions): Promise<void> {
  if (overwrite || restart) return;
  const names = [...Object.keys(results), ...(simulatePartialType && !labels ? ["labels"] : [])];
  const found =
    (await earlierFiles(pathDest, names)) ??
    ((await holdsSteps(join(pathDest, "log.jsonl")))
      ? await earlierFiles(pathDest, Object.keys(notes))
      : undefined);
  if (!found) return;
  const last = join(pathDest, "last.safetensors");
  const toContinue = found.names.includes("last.safetensors") ? ` continue it with --resume ${last}, or` : "";
  throw new CslError(
    "already-exists",
    `csl train: expected --path-dest to be a folder without an earlier run, got ${pathDest} with ${describeFiles(found)}. ` +
      `To keep that run,${toContinue} choose another --path-dest; to lose it, pass --overwrite.`,
  );
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
