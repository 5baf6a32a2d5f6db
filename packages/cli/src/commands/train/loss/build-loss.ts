import { Sha256 } from "@csl/internal/bytes/sha256";
import { CslError } from "@csl/internal/errors/csl-error";
import { readText } from "@csl/internal/files/read-text";
import type { ClassList, LabelTable } from "@csl/labels";
import {
  ignore,
  negative,
  normalized,
  type Prior,
  parsePrior,
  partialLoss,
  selective,
  topClasses,
  type UnannotatedPolicy,
} from "@csl/partial-loss";
import type { TrainTask } from "@csl/trainer";
import type { Terminal } from "../../../terminal/terminal.js";
import type { ChosenLoss, LossOptions, SettledLossOptions, TrainOptions } from "../train-flags.js";
import { losses } from "./losses.js";
import { type ChosenClassWeights, openClassWeights } from "./open-class-weights.js";

export interface BuiltLoss {
  loss: TrainTask["loss"];
  /** What it does with un-annotated entries; none for the other losses than csl. */
  policy?: UnannotatedPolicy;
  /** Where the loss uses one. */
  prior?: Prior;
  /** Where there are any. */
  classWeights?: ChosenClassWeights;
}

/**
 * The loss that the flags describe, summed over batch and classes as in the reference.
 *
 * @param prior what `openPrior` read
 */
export async function buildLoss(
  flags: TrainOptions & ChosenLoss,
  { classes, labels, prior }: { classes: ClassList; labels: LabelTable; prior: Prior | undefined },
  terminal: Terminal,
): Promise<BuiltLoss> {
  const { build } = losses[flags.loss];
  if (build) {
    const { numSamples: samples, numClasses } = labels;
    const set = { samples, classes: numClasses, labels: (sample: number) => labels.dense([sample]) };
    return { loss: build({ options: flags, set, checks: flags.cudaGraphs ? { validate: false } : {} }) };
  }
  if (prior && flags.partialLossMode === "selective")
    terminal.info(describePrior(prior, classes, flags.priorThreshold));
  const classWeights = await openClassWeights(flags.classWeights, classes, labels, terminal);
  const policy = unannotatedPolicy(flags, classes.ids, prior);
  const options = {
    gamma: { positive: flags.gammaPos, negative: flags.gammaNeg, unannotated: flags.gammaUnann },
    alpha: { positive: flags.alphaPos, negative: flags.alphaNeg, unannotated: flags.alphaUnann },
    clip: flags.clip,
    unannotated: policy,
    ...(classWeights && { classWeights: classWeights.weights }),
    // A recorded step reads no values. The trainer checks labels and loss itself.
    ...(flags.cudaGraphs && { validate: false }),
  };
  return {
    loss: (logits, labels) => partialLoss(logits, labels, options),
    policy,
    ...(prior && flags.partialLossMode === "selective" && { prior }),
    ...(classWeights && { classWeights }),
  };
}

/** A hash of the values by class: whether a resume has the same prior, whatever its file is called. */
export function priorHash({ ids, values }: Prior): string {
  return new Sha256().update(JSON.stringify(ids)).update(values).hex();
}

/** The reference's `partial_loss_mode` words, and the paper's normalisation, as policies of @csl/partial-loss. */
function unannotatedPolicy(
  { partialLossMode, likelihoodTopk, priorThreshold, topkScope, spareIgnored }: SettledLossOptions,
  classIds: readonly string[],
  prior: Prior | undefined,
): UnannotatedPolicy {
  switch (partialLossMode) {
    case "negative":
      return negative();
    case "ignore":
      return ignore();
    case "normalized":
      return normalized({ scheme: "proportion" });
    case "ignore-normalize-classes":
      return normalized({ scheme: "reference" });
    case "selective":
      return selective({
        topK: likelihoodTopk,
        topKScope: topkScope,
        spareIgnored,
        ...(prior && { prior, classIds, priorThreshold }),
      });
  }
}

/** Which classes are ignored by the prior. */
export function describePrior(prior: Prior, classes: ClassList, threshold: number): string {
  const bar = Math.fround(threshold); // values and comparison are float32, as in the loss
  const ignored = topClasses(prior, classes.size).filter(({ value }) => value > bar);
  const names = ignored.slice(0, 5).map(({ id }) => classes.names[classes.indexOf(id)]!);
  const list = names.length === 0 ? "" : `: ${names.join(", ")}${ignored.length > 5 ? ", …" : ""}`;
  return `prior: ${ignored.length} of ${classes.size} classes are above ${threshold} and ignored where un-annotated${list}`;
}

/** Reads the prior that the flags name, ours or the reference's, for these classes; repairs are reported. */
export async function openPrior(
  { priorPath: path }: Pick<LossOptions, "priorPath">,
  classes: ClassList,
  terminal: Terminal,
): Promise<Prior | undefined> {
  if (path === undefined) return undefined;
  const text = await readText(path).catch((cause: Error) => {
    throw new CslError(
      "cannot-read",
      `csl train: the prior ${path} cannot be read: ${cause.message}. Make one with csl estimate-prior.`,
      { cause },
    );
  });
  const prior = parsePrior(text, { classes: classes.toJSON() });
  for (const repair of prior.repairs ?? []) terminal.info(`prior: ${repair}`);
  return prior;
}
