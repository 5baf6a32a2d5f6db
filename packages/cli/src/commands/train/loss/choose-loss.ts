import { classStatistics, type LabelTable, recommendModeFor } from "@csl/labels";
import { type ChosenSelection, chooseSelection, type Prior } from "@csl/partial-loss";
import type { Terminal } from "../../../terminal/terminal.js";
import type { Choice, Choices } from "../choices.js";
import type { ChosenLoss, TrainOptions } from "../train-flags.js";

/** What the choice looks at. */
export interface LossEvidence {
  /** Training labels, and those of the validation split: where they are complete they tell how frequent the classes are. */
  labels: LabelTable;
  validation: LabelTable;
  /** In the order of the labels' classes. */
  prior: Prior | undefined;
}

/** Where nothing tells how many positives are missing. */
const withoutEvidence = { priorThreshold: 1, likelihoodTopk: 1 };

/**
 * Puts a mode, a threshold and a number in the place of each `auto` of the csl loss, and tells each in a line.
 *
 * @returns the choices for config.json, by option.
 */
export function chooseLoss(
  options: TrainOptions,
  evidence: LossEvidence,
  terminal: Terminal,
): { loss: ChosenLoss; choices: Choices } {
  const choices: Choices = {};
  const choose = (name: keyof ChosenLoss, label: string, choice: Choice): void => {
    choices[name] = choice;
    const { value, reason } = choice;
    terminal.info(`${label}: ${value}. ${reason[0]!.toUpperCase()}${reason.slice(1)}`);
  };
  if (options.partialLossMode === "auto") choose("partialLossMode", "mode", chooseMode(evidence));
  const mode = (choices.partialLossMode?.value ?? options.partialLossMode) as ChosenLoss["partialLossMode"];
  if (mode === "selective") {
    const { priorThreshold, likelihoodTopk } = options;
    const selection =
      priorThreshold === "auto" || likelihoodTopk === "auto" ? select(options, evidence) : undefined;
    if (priorThreshold === "auto")
      choose("priorThreshold", "prior threshold", describeThreshold(selection, evidence));
    if (likelihoodTopk === "auto")
      choose("likelihoodTopk", "likelihood top-k", describeTopK(selection, options));
  }
  const settled = (name: "priorThreshold" | "likelihoodTopk"): number => {
    const value = choices[name]?.value ?? options[name];
    return typeof value === "number" ? value : withoutEvidence[name];
  };
  return {
    loss: {
      partialLossMode: mode,
      priorThreshold: settled("priorThreshold"),
      likelihoodTopk: settled("likelihoodTopk"),
    },
    choices,
  };
}

function chooseMode({ labels, validation, prior }: LossEvidence): Choice {
  const { mode, alone, reason } = recommendModeFor(labels, { complete: validation });
  if (mode !== "selective" || prior) return { value: mode, reason };
  return { value: alone, reason: `without --prior-path the better of the plain modes. ${reason}` };
}

/** Undefined where neither a prior nor the annotated entries tell how frequent the classes are. */
function select(
  { spareIgnored }: TrainOptions,
  { labels, validation, prior }: LossEvidence,
): ChosenSelection | undefined {
  const { positives, negatives } = classStatistics(labels);
  const fair = recommendModeFor(labels, { complete: validation }).alone === "ignore";
  const shares = Float64Array.from(positives, (count, c) => count / Math.max(1, count + negatives[c]!));
  if (!prior && !fair) return undefined;
  return chooseSelection({
    ...{ positives, negatives, fair, spareIgnored },
    prior: prior?.values ?? shares,
    samples: labels.numSamples,
  });
}

function describeThreshold(selection: ChosenSelection | undefined, { labels, prior }: LossEvidence): Choice {
  if (!selection || !prior)
    return {
      value: withoutEvidence.priorThreshold,
      reason: "without --prior-path there is nothing to compare with it",
    };
  const { priorThreshold, ignoredClasses, scale } = selection;
  const scaled =
    Math.abs(scale - 1) < 0.05
      ? "the prior taken as it is"
      : `the prior taken times ${Number(scale.toPrecision(2))}, as the annotated entries say`;
  return {
    value: priorThreshold,
    reason:
      `it ignores ${ignoredClasses} of ${labels.numClasses} classes, those whose missed positives would mislead more than ` +
      `their negatives tell (${scaled})`,
  };
}

function describeTopK(selection: ChosenSelection | undefined, { spareIgnored }: TrainOptions): Choice {
  if (!selection)
    return {
      value: withoutEvidence.likelihoodTopk,
      reason: "without --prior-path nothing tells how many positives an image misses",
    };
  const where = spareIgnored ? "of the classes that the prior does not ignore" : "of all classes";
  return {
    value: selection.topK,
    reason: `an image is expected to miss ${selection.missed.toPrecision(2)} positives ${where}`,
  };
}
