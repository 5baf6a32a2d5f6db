import type { Engine } from "@csl/engine";
import { type ClassList, classStatistics } from "@csl/labels";
import { priorVector } from "@csl/partial-loss";
import { machineFacts } from "../../report/machine-facts.js";
import type { RunFacts, SplitFacts } from "../../report/report-data.js";
import { createRunReport, type RunReport } from "../../report/run-report.js";
import type { Terminal } from "../../terminal/terminal.js";
import type { Choices } from "./choices.js";
import type { BuiltLoss } from "./loss/build-loss.js";
import type { LabelledImages } from "./open-training-data.js";
import type { SettledOptions } from "./train-flags.js";

/** The report of a training, from what it has opened. */
export function runReport(
  options: SettledOptions,
  {
    kind,
    engine,
    classes,
    frequency,
    training,
    validation,
    size,
    choices,
    config,
  }: {
    kind: string;
    engine: Engine;
    classes: ClassList;
    frequency: readonly string[] | undefined;
    training: LabelledImages;
    validation: LabelledImages;
    /** Processes that train together. */
    size: number;
    choices: Choices;
    config: Record<string, unknown>;
  },
  { policy, prior }: BuiltLoss,
  terminal: Terminal,
): RunReport {
  const { loss, partialLossMode: mode, priorThreshold, likelihoodTopk: topK } = options;
  const selects = policy?.name === "selective";
  const facts: RunFacts = {
    kind,
    classes: {
      ids: [...classes.ids],
      names: [...classes.names],
      ...(frequency && { groups: [...frequency] }),
    },
    training: splitFacts(training),
    validation: splitFacts(validation),
    ...(prior && { prior: Array.from(priorVector(prior, classes.ids)) }),
    loss: { name: loss, mode, ...(selects && { priorThreshold, topK }) },
    machine: machineFacts(engine, size),
    settings: config,
    choices,
  };
  return createRunReport(options.pathDest, {
    facts,
    policy,
    imageName: (sample) => validation.list.nameAt(sample),
    tell: (message) => terminal.info(message, { once: true }),
  });
}

function splitFacts({ list, labels, missing }: LabelledImages): SplitFacts {
  const { positives, negatives } = classStatistics(labels);
  return {
    ...{ images: list.length, missing },
    positives: Array.from(positives),
    negatives: Array.from(negatives),
  };
}
