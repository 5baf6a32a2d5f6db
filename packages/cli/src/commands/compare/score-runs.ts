import { stat } from "node:fs/promises";
import { join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { hashFile } from "@csl/internal/files/hash-file";
import type { Context } from "../../flags/command.js";
import { dataSettings, type FoundRun } from "../../runs/read-run.js";
import {
  type KeptScores,
  readKeptScores,
  requireFewEntries,
  scoresName,
  writeKeptScores,
} from "../../scores/kept-scores.js";
import { scoreSplit } from "../../scores/score-split.js";
import { classKnowledge, openEvaluation } from "../evaluate/open-evaluation.js";
import type { CompareOptions } from "./compare-flags.js";

/** A run with its scores. */
export interface ScoredRun extends FoundRun {
  kept: KeptScores;
}

/** Each run's scores, of the same data: kept ones of an earlier comparison, or a pass over the images. */
export async function scoreRuns(
  runs: readonly FoundRun[],
  options: CompareOptions,
  context: Context,
): Promise<ScoredRun[]> {
  // What a person names goes first; kept scores may be of other data.
  const fresh = options.data !== undefined || options.split !== undefined || options.images !== undefined;
  const found = await Promise.all(runs.map((run) => (fresh ? undefined : keptScoresOf(run))));
  const usable = found.every((kept) => kept !== undefined && kept.labelsHash === found[0]!.labelsHash);
  const scored: ScoredRun[] = [];
  for (const [i, run] of runs.entries()) {
    const kept = usable ? found[i] : undefined;
    if (kept) context.terminal.info(`scores: those kept in ${run.name}, by the engine ${kept.engine}`);
    scored.push({ ...run, kept: kept ?? (await scoreRun(run, runs, options, context)) });
  }
  return scored;
}

/** Kept scores of these very weights: of the file itself, or of the run's folder. */
async function keptScoresOf({ checkpoint, folder }: FoundRun): Promise<KeptScores | undefined> {
  if (folder === undefined) return readKeptScores(checkpoint);
  const path = join(folder, scoresName);
  if (!(await stat(path).catch(() => undefined))) return undefined;
  const kept = await readKeptScores(path);
  return kept?.weights === (await hashFile(checkpoint)) ? kept : undefined;
}

async function scoreRun(
  run: FoundRun,
  runs: readonly FoundRun[],
  options: CompareOptions,
  context: Context,
): Promise<KeptScores> {
  const { terminal } = context;
  const first = runs.find(({ config }) => config)?.config;
  const config = run.config ?? first ?? {};
  const data = options.data ?? sharedData(runs);
  const split = options.split ?? first?.valSplit ?? "val";
  const { engine, threads, precision, batchSize = config.batchSize ?? 64, workers, images } = options;
  const opened = await openEvaluation(
    {
      ...{ ...dataSettings(first ?? {}), ...(images !== undefined && { images }), data, split },
      ...{ ...(engine && { engine }), ...(threads && { threads }), precision, modelPath: run.checkpoint },
    },
    { path: run.checkpoint, name: run.name },
    context,
    { speaker: "csl compare" },
  );
  requireFewEntries("csl compare", opened.images.list.length, opened.classes.size);
  const knowledge = await classKnowledge(
    opened.dataset,
    opened.split,
    opened.classes,
    { protocols: false, minPositives: 0 },
    terminal,
  );
  const { onUnreadable = "skip", imageTimeout = 120 } = config;
  const read = { batchSize, workers, onUnreadable, imageTimeout };
  const scored = await scoreSplit(opened, read, context, `scores of ${run.name}`);
  const { ids, names } = opened.classes;
  const kept: KeptScores = {
    ...{ weights: await hashFile(run.checkpoint), engine: opened.engine, imageSize: opened.imageSize, split },
    ...{ labelsHash: opened.labels.hash(), classes: { ids, names }, images: scored.images },
    ...{ groups: knowledge.frequency, scores: scored.scores, labels: scored.labels },
  };
  if (options.keepScores && run.folder !== undefined)
    await writeKeptScores(join(run.folder, scoresName), kept);
  return kept;
}

/** @throws CslError `mismatch` where the runs validated on different data: a person must say which. */
function sharedData(runs: readonly FoundRun[]): string {
  const named = [...new Set(runs.flatMap(({ config }) => (config?.data === undefined ? [] : [config.data])))];
  if (named.length === 1) return named[0]!;
  throw new CslError(
    "mismatch",
    `csl compare: expected --data with ${named.length === 0 ? "checkpoints that do not name the data of their training" : `runs of different data (${named.join(", ")})`}, ` +
      "got none. Name the images that all are to be compared on.",
  );
}
