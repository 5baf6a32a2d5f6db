import { loadCheckpoint } from "@csl/checkpoints";
import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import type { LabelTable } from "@csl/labels";
import { openDataset } from "../../data/open-dataset.js";
import { trainingLabels } from "../../data/simulated-labels.js";
import { runningEngine, startCommandEngine } from "../../engine/start-command-engine.js";
import { writeJson } from "../../files/write-json.js";
import { type Context, defineCommand } from "../../flags/command.js";
import { formats } from "../../outputs/output-kinds.js";
import { imageChanges } from "../../reproduction/image-record.js";
import { labelChanges } from "../../reproduction/label-record.js";
import {
  type ReproductionCard,
  readReproductionCard,
  type SplitRecord,
} from "../../reproduction/reproduction-card.js";
import { surroundingChanges, surroundings } from "../../reproduction/surroundings.js";
import { weightChanges } from "../../reproduction/weights-record.js";
import { dataSettings, type RunConfig, readRun } from "../../runs/read-run.js";
import { requireFewEntries } from "../../scores/kept-scores.js";
import { scoreSplit } from "../../scores/score-split.js";
import { percent } from "../../terminal/format.js";
import { type EvaluationOptions, openEvaluation } from "../evaluate/open-evaluation.js";
import type { TrainOptions } from "../train/train-flags.js";
import { compareRecorded, type Verdict } from "./compare-recorded.js";
import { type Retraining, retrain } from "./retrain.js";
import { type VerifyOptions, verifyFlags } from "./verify-flags.js";

/** `csl verify RUN`: whether a run's result can be had again, and if not, what has changed. */
export const verifyCommand = defineCommand({
  name: "verify",
  summary: "whether a run gives its result again: same, within noise or different, and what differs",
  positional: { name: "run", many: false, description: "a folder of csl train" },
  flags: verifyFlags,
  run: verifyRun,
});

/** All that `csl verify` says, as its JSON has it. */
interface Verification {
  format: string;
  verdict: Verdict;
  /** What makes it different, in words. */
  differences: string[];
  /** Other versions, another engine or machine: no difference by themselves. */
  surroundings: string[];
  /** What could not be looked at. */
  unchecked: string[];
  recorded: { mapC: number; mapO: number };
  now: { verdict: Verdict; mapC: number; mapO: number };
  retraining: Retraining | null;
}

async function verifyRun(options: VerifyOptions, context: Context, [name]: readonly string[]): Promise<void> {
  const found = await verify(options, context, name!);
  context.terminal.print(formatVerification(found));
  if (options.json) await writeJson(options.json, found);
  if (found.verdict === "different")
    throw new CslError("different", `csl verify: ${name} is different from what its card says, as listed.`);
}

async function verify(options: VerifyOptions, context: Context, name: string): Promise<Verification> {
  const { terminal } = context;
  const { folder, checkpoint, config } = await readRun("csl verify", name);
  if (folder === undefined || !config)
    throw new CslError(
      "not-found",
      `csl verify: expected a folder of csl train with config.json, got ${name}. Name the folder of a run.`,
    );
  const card = await readReproductionCard(folder);
  const { state } = await loadCheckpoint(checkpoint, { stateOnly: true });
  const ofWeights = weightChanges(card.weights, state);
  const { images, workers } = options;
  const precision = options.engine === undefined ? (config.precision ?? "float32") : options.precision;
  await startAsTrained(config, { ...options, precision }, context);
  const evaluation: EvaluationOptions = {
    ...{ ...dataSettings(config), ...(images !== undefined && { images }) },
    ...{ data: options.data ?? config.data ?? "", split: card.validation.split, modelPath: checkpoint },
  };
  const located = { path: checkpoint, name };
  const opened = await openEvaluation(evaluation, located, context, { speaker: "csl verify" });
  const { list } = opened.images;
  requireFewEntries("csl verify", list.length, opened.classes.size);
  const changedData = await splitChanges(card.validation, { list, labels: opened.labels });
  const training = await trainingChanges(card, { config, evaluation }, context);
  const { onUnreadable = "skip", imageTimeout = 120, batchSize = 64 } = config;
  const scored = await scoreSplit(
    opened,
    { batchSize, workers, onUnreadable, imageTimeout },
    context,
    "verify",
  );
  const now = { scores: scored.scores, labels: scored.labels, ids: opened.classes.ids };
  const coarse = [config.precision ?? "float32", precision].some((own) => own !== "float32");
  const compared = compareRecorded(card.scores, now, { coarse });
  const retraining = options.retrain
    ? await retrain(config, card, now, { options, evaluation, context })
    : null;
  const inputs = [...ofWeights, ...changedData, ...training.changes];
  const differences = [
    ...inputs,
    ...compared.differences,
    ...(retraining?.differences ?? []),
    ...scored.unreadable
      .slice(0, 5)
      .map((path) => `images of "${card.validation.split}": ${path} cannot be read`),
  ];
  terminal.endStatus();
  return {
    format: formats.verification,
    verdict:
      differences.length > 0 ? "different" : worstOf([compared.verdict, retraining?.verdict ?? "same"]),
    ...{ differences, unchecked: training.unchecked, retraining },
    surroundings: surroundingChanges(card.surroundings, surroundings(runningEngine()!)),
    recorded: { mapC: card.scores.mapC, mapO: card.scores.mapO },
    now: { verdict: compared.verdict, mapC: compared.mapC, mapO: compared.mapO },
  };
}

/** On the run's engine, or where this machine does not have it, on its own best. */
async function startAsTrained(
  config: RunConfig,
  { engine, ...rest }: Pick<VerifyOptions, "engine" | "threads" | "precision">,
  { terminal }: Context,
): Promise<void> {
  const trained = config.engine as VerifyOptions["engine"];
  if (engine !== undefined || trained === undefined) {
    await startCommandEngine({ ...(engine && { engine }), ...rest }, terminal);
    return;
  }
  await startCommandEngine({ engine: trained, ...rest }, terminal).catch((error: unknown) => {
    if (!isCslError(error, "unsupported")) throw error;
    terminal.info(`the run's engine is not here: ${error.message}`);
    return startCommandEngine({ ...rest, precision: "float32" }, terminal);
  });
}

const worstOf = (verdicts: readonly Verdict[]): Verdict =>
  (["different", "within noise"] as const).find((verdict) => verdicts.includes(verdict)) ?? "same";

type SplitNow = {
  list: Parameters<typeof imageChanges>[1];
  labels: Parameters<typeof labelChanges>[1];
};

async function splitChanges(before: SplitRecord, { list, labels }: SplitNow): Promise<string[]> {
  const { split } = before;
  const nameOf = (sample: number): string => list.nameAt(sample);
  return [
    ...labelChanges(before.labels, labels, { split, nameOf }),
    ...(await imageChanges(before.images, list, { split })),
  ];
}

/** The training images, and the labels as the run had them: simulated ones are simulated again. */
async function trainingChanges(
  card: ReproductionCard,
  { config, evaluation }: { config: RunConfig; evaluation: EvaluationOptions },
  { terminal, signal }: Context,
): Promise<{ changes: string[]; unchecked: string[] }> {
  const { split: name } = card.training;
  const dataset = await openDataset(evaluation, terminal, { signal });
  try {
    await dataset.requireSplit(name);
  } catch (error) {
    return { changes: [], unchecked: [`training images and labels: ${(error as Error).message}`] };
  }
  const split = await dataset.split(name);
  const { list, selectRows } = await split.images();
  let table: LabelTable;
  try {
    ({ table } = await trainingLabels(split, config as unknown as TrainOptions, terminal));
  } catch (error) {
    // Simulated labels that were saved are of the labels as they were.
    const why = (error as Error).message;
    if (isCslError(error, "mismatch")) return { changes: [`labels of "${name}": ${why}`], unchecked: [] };
    return { changes: [], unchecked: [`training labels: ${why}`] };
  }
  return { changes: await splitChanges(card.training, { list, labels: selectRows(table) }), unchecked: [] };
}

function formatVerification(found: Verification): string {
  const { verdict, differences, unchecked, recorded, now, retraining } = found;
  const map = ({ mapC, mapO }: { mapC: number; mapO: number }): string =>
    `mAP(C) ${percent(mapC)}, mAP(O) ${percent(mapO)}`;
  return [
    verdict,
    `recorded ${map(recorded)}; now ${map(now)}: ${now.verdict}`,
    ...(retraining ? [formatRetraining(retraining)] : []),
    ...differences.map((line) => `  ${line}`),
    ...(found.surroundings.length > 0
      ? ["other surroundings than then:", ...found.surroundings.map((line) => `  ${line}`)]
      : []),
    ...unchecked.map((line) => `not checked: ${line}`),
  ].join("\n");
}

function formatRetraining({ verdict, mapC }: Retraining): string {
  if (!mapC) return `trained again: ${verdict}, weight for weight`;
  const [value, low, high] = [mapC.value, mapC.low, mapC.high].map(percent);
  return `trained again: ${verdict}; mAP(C) differs by ${value}, interval ${low} to ${high}`;
}
