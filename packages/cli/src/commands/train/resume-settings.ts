import { readTrainingSettings } from "@csl/checkpoints";
import { CslError } from "@csl/internal/errors/csl-error";
import { flagName } from "../../flags/flag.js";
import { resumeSettings } from "../../flags/read-flags.js";
import { withoutOtherLosses } from "./loss/loss-options.js";
import { type TrainOptions, trainFlags } from "./train-flags.js";

/** Flags that mean nothing but in selective mode. */
const selectiveOnly = ["likelihoodTopk", "priorThreshold", "topkScope", "spareIgnored"];

/** What the flags say about the training, so far as a resume must find it unchanged. */
export function flagSettings(options: TrainOptions): Record<string, unknown> {
  const fitting = withoutOtherLosses(options);
  const settings = Object.entries(resumeSettings(trainFlags, fitting));
  const selective = options.partialLossMode === "selective";
  return Object.fromEntries(
    settings.filter(
      ([name]) => (selective || !selectiveOnly.includes(name)) && (name !== "loss" || options.loss !== "csl"),
    ),
  );
}

/** The same, with what is the trainer's own, as a checkpoint has it. */
function allFlagSettings(options: TrainOptions, size: number): Record<string, unknown> {
  const { epochs, lr, weightDecay, decoupled, emaDecay, emaWarmup } = options;
  const ema = { decay: emaDecay, warmup: emaWarmup };
  // Of all processes: two of them take the steps of one that accumulates two batches.
  const accumulate = options.accumulate * size;
  return { ...flagSettings(options), epochs, accumulate, lr, weightDecay, decoupled, ema };
}

/** Where in an epoch a run stands is counted in these. */
const fixed = ["epochs", "accumulate", "batchSize", "images"];

/** What is no flag, in words. */
const contents: Readonly<Record<string, string>> = {
  images: "number of training images",
  labels: "content of the training labels",
  validation: "content of the validation labels",
  prior: "content of the class prior",
  classWeights: "class weights",
  classEmbeddings: "class embeddings",
};

/**
 * Refuses a resume of another training than this one. Called twice: with the flags alone, before labels are read, and
 * with what was read.
 *
 * @param read what of the data decides the training, by name.
 * @param options.size processes that train together.
 * @throws CslError `mismatch` naming each flag with its old and its new value, and the ways out.
 */
export async function requireSameTraining(
  options: TrainOptions,
  read: Record<string, unknown> = {},
  { size = 1 }: { size?: number | undefined } = {},
): Promise<void> {
  const { resume, allowChanges } = options;
  if (resume === undefined) return;
  // Runs with csl do not name it.
  const saved: Record<string, unknown> = { loss: "csl", ...(await readTrainingSettings(resume)) };
  const wanted: Record<string, unknown> = { ...allFlagSettings(options, size), loss: options.loss, ...read };
  const names = Object.keys(wanted).filter((name) => text(wanted[name]) !== text(saved[name]));
  const refused = allowChanges ? names.filter((name) => fixed.includes(name)) : names;
  if (refused.length === 0) return;
  const list = refused.map(
    (name) =>
      `${described(name)}${name === "accumulate" && size > 1 ? ` over ${size} processes` : ""} ${text(wanted[name])} instead of ${text(saved[name])}`,
  );
  const allowed = refused.some((name) => fixed.includes(name))
    ? ""
    : "pass --allow-changes to go on with the new ones (log.jsonl and config.json will tell), ";
  throw new CslError(
    "mismatch",
    `csl train: expected the settings that ${resume} was trained with, got ${list.join(", ")}. ` +
      `Resume with the same, ${allowed}or start a new run from its weights: --model-path ${resume} and another --path-dest.`,
  );
}

function described(name: string): string {
  return contents[name] ?? (name === "ema" ? "--ema-decay, --ema-warmup" : `--${flagName(name)}`);
}

/** A value as JSON; hashes in short. A run that was saved without the setting has "none". */
function text(value: unknown): string {
  if (typeof value === "string" && /^[0-9a-f]{64}$/.test(value)) return value.slice(0, 12);
  return JSON.stringify(value) ?? "none";
}
