import { CslError } from "@csl/internal/errors/csl-error";
import { schemeOf } from "../../data/simulated-labels.js";
import { flagName, rowsOf } from "../../flags/flag.js";
import { losses } from "./loss/losses.js";
import { type TrainOptions, trainFlags } from "./train-flags.js";

/** Modes that may select, and those that may count un-annotated entries as absent. */
const selecting: readonly TrainOptions["partialLossMode"][] = ["selective", "auto"];
const assuming: readonly TrainOptions["partialLossMode"][] = ["negative", ...selecting];

/** Refuses flags that do not go together, before labels are read and files are written. */
export function requireSettings(options: TrainOptions): void {
  const { epochs, stopEpoch = epochs, labels, simulatePartialType, simulatePartialParam } = options;
  const { alphaPos, alphaNeg, alphaUnann, partialLossMode, decoupled, lr, weightDecay, engine, cudaGraphs } =
    options;
  const refuse = (message: string): never => {
    throw new CslError("invalid-argument", `csl train: expected ${message}`);
  };
  const { loss, expectedPositives } = options;
  if (Object.hasOwn(losses[loss].flags, "expected-positives") && expectedPositives === undefined)
    refuse(
      `--expected-positives with --loss ${loss}: the number of classes that an average image has, annotated or not. It is 1.5 on VOC, 2.9 on COCO.`,
    );
  if (cudaGraphs && losses[loss].changes)
    refuse(
      `a loss that is the same at every step for --cuda-graphs, got --loss ${loss}, which changes with the training. Leave --cuda-graphs out.`,
    );
  const { head, numOfGroups, classEmbeddings } = options;
  if (cudaGraphs && head === "ml-decoder")
    refuse(
      "another head for --cuda-graphs, got --head ml-decoder, whose dropout differs from step to step. Leave --cuda-graphs out.",
    );
  if (numOfGroups !== undefined && classEmbeddings !== undefined)
    refuse(
      "--num-of-groups or --class-embeddings, got both: with embeddings each class is a query of its own. Leave one out.",
    );
  if (stopEpoch > epochs)
    refuse(`--stop-epoch to be at most --epochs, which is ${epochs}, got ${stopEpoch}. Raise --epochs.`);
  if ((options.freezeBody ?? 0) > epochs)
    refuse(
      `--freeze-body to be at most --epochs, which is ${epochs}, got ${options.freezeBody}. Lower it, or raise --epochs.`,
    );
  if (alphaPos === 0) refuse("--alpha-pos above 0, got 0: without a weight of positives nothing is learned.");
  const assumes = assuming.includes(partialLossMode) && alphaUnann > 0;
  if (alphaNeg === 0 && !assumes)
    refuse(
      `--alpha-neg above 0, got 0: with --partial-loss-mode ${partialLossMode}${alphaUnann === 0 ? " and --alpha-unann 0" : ""} nothing would count as absent.`,
    );
  // A decoupled step leaves 1 - lr · decay of a weight.
  if (decoupled && lr !== "auto" && lr * weightDecay >= 1)
    refuse(
      `--lr times --weight-decay to be below 1 with --decoupled, got ${lr * weightDecay}. Lower one of them.`,
    );
  if (cudaGraphs && engine !== undefined && engine !== "torch-cuda")
    refuse(
      `--engine torch-cuda with --cuda-graphs, got ${engine}. Leave --cuda-graphs out: the numbers are the same.`,
    );
  if (simulatePartialType && !labels) schemeOf("csl train", simulatePartialType, simulatePartialParam);
}

/** Flags that another flag leaves without effect. */
const withoutEffect: readonly {
  unless: (options: TrainOptions) => boolean;
  names: readonly (keyof TrainOptions)[];
  why: (options: TrainOptions) => string;
}[] = [
  {
    unless: ({ partialLossMode }) => selecting.includes(partialLossMode),
    names: ["priorPath", "priorThreshold", "likelihoodTopk", "topkScope", "spareIgnored"],
    why: ({ partialLossMode }) => `--partial-loss-mode ${partialLossMode}: they are for selective`,
  },
  {
    unless: ({ partialLossMode, priorPath }) =>
      !selecting.includes(partialLossMode) || priorPath !== undefined,
    names: ["priorThreshold", "spareIgnored"],
    why: () => "no --prior-path",
  },
  {
    unless: ({ partialLossMode }) => assuming.includes(partialLossMode),
    names: ["gammaUnann", "alphaUnann"],
    why: ({ partialLossMode }) =>
      `--partial-loss-mode ${partialLossMode}, which leaves un-annotated entries out`,
  },
  {
    unless: ({ labels }) => labels === undefined,
    names: ["simulatePartialType", "simulatePartialParam"],
    why: () => "--labels, which are used as they are",
  },
  {
    unless: ({ simulatePartialType, labels }) => simulatePartialType !== undefined || labels !== undefined,
    names: ["simulatePartialParam"],
    why: () => "no --simulate-partial-type",
  },
];

/** A line for each group of flags that were set to another value than the default and mean nothing, or nothing good, here. */
export function flagsWithoutEffect(options: TrainOptions): string[] {
  const defaults = new Map(rowsOf(trainFlags).map(([name, row]) => [name, row.default]));
  const { freezeBody, modelPath, resume } = options;
  const random =
    freezeBody !== undefined && modelPath === undefined && resume === undefined
      ? ["warning: --freeze-body without --model-path: the body that is not trained has random weights"]
      : [];
  const ineffective = withoutEffect.flatMap(({ unless, names, why }) => {
    if (unless(options)) return [];
    const set = names.map(flagName).filter((name, i) => options[names[i]!] !== defaults.get(name));
    if (set.length === 0) return [];
    return [`warning: ${set.map((name) => `--${name}`).join(", ")}: without effect with ${why(options)}`];
  });
  return [...random, ...ineffective];
}
