import { dirname } from "node:path";
import type { Dataset, Split } from "@csl/datasets";
import { createImageLoader } from "@csl/image-batches";
import { type ClassList, classStatistics, expectSameClasses } from "@csl/labels";
import {
  type ClassKnowledge,
  compareProtocols,
  formatProtocols,
  MetricAccumulator,
  perClassCsv,
} from "@csl/metrics";
import { type Evaluation, evaluateModel } from "@csl/trainer";
import { requireScorable } from "../../checks/require-scorable.js";
import type { Context } from "../../context.js";
import { closeLoaders } from "../../engine/close-loaders.js";
import { startCommandEngine } from "../../engine/start-command-engine.js";
import { unreadableNotices } from "../../engine/unreadable-notices.js";
import { writeJson, writeWhole } from "../../files/write-json.js";
import type { Flag } from "../../flags/flag.js";
import { openDataset } from "../../flags/open-dataset.js";
import { requirePaths } from "../../flags/require-paths.js";
import { requireRanges } from "../../flags/require-ranges.js";
import { timeLimits } from "../../flags/time-limits.js";
import type { DataOptions } from "../../flags/train-options.js";
import { classesOfOutputs } from "../../models/classes-of-outputs.js";
import { openModel } from "../../models/open-model.js";
import { progressLine } from "../../terminal/progress-line.js";
import type { Terminal } from "../../terminal/terminal.js";
import { chooseClassThresholds, thresholdFolds } from "../../thresholds/choose-class-thresholds.js";
import { criterionOf } from "../../thresholds/criterion-flag.js";
import { decisionsBeside } from "../../thresholds/decisions-beside.js";
import { requireThresholdsTarget } from "../../thresholds/require-thresholds-target.js";
import { thresholdsBeside } from "../../thresholds/thresholds-beside.js";
import { labelledBatches } from "../train/labelled-batches.js";
import { trainingLabels } from "../train/training-labels.js";
import { calibrationReport, formatCalibration } from "./calibration-report.js";
import { classGroups, formatEvaluation } from "./format-evaluation.js";

export const evaluateFlags: readonly Flag[] = [
  [
    "--model-path <file>",
    "a checkpoint of csl train, or a PyTorch file (.pth)",
    "./outputs/best.safetensors",
  ],
  ["--split <name>", "the split to score: val, test, ood, train", "val"],
  ["--protocols", "the same predictions under every paper's protocol, as a Markdown table", false],
  ["--min-positives <number>", "leave out classes with fewer annotated positives", 0],
  ["--per-class", "print the average precision of every class", false],
  ["--per-class-csv <file>", "write one line a class: id, name, AP, support, group"],
  ["--json <file>", "write all numbers as JSON"],
  [
    "--thresholds <file>",
    "choose a decision threshold per class on this split and write them; thresholds.json beside the checkpoint is what csl infer looks for",
  ],
  [
    "--criterion <what>",
    "what thresholds are chosen for: f1, f2, f0.5 or the like; precision=0.9: as much recall as that precision leaves",
    "f1",
  ],
];

interface EvaluateOptions extends DataOptions {
  modelPath: string;
  split: string;
  protocols: boolean;
  minPositives: number;
  perClass: boolean;
  perClassCsv?: string;
  json?: string;
  thresholds?: string;
  criterion: string;
}

/** `csl evaluate`: metrics of a checkpoint on one split, over annotated entries only. */
export async function evaluateCommand(
  options: EvaluateOptions,
  { terminal, signal }: Context,
): Promise<Evaluation> {
  criterionOf(options.criterion); // all that can be refused is, before anything is computed
  if (options.criterion !== "f1" && !options.thresholds)
    throw new Error(
      "csl evaluate: expected --thresholds with --criterion: the file that they are written to.",
    );
  requireRanges("csl evaluate", options);
  await requirePaths("csl evaluate", options);
  if (options.thresholds) await requireThresholdsTarget(options.thresholds);
  const beside = options.thresholds ? undefined : await thresholdsBeside(options.modelPath);
  const dataset = await openDataset(options, terminal, {
    reportFolder: dirname(options.json ?? options.modelPath),
    signal,
  });
  await dataset.requireSplit(options.split);
  await startCommandEngine(options, terminal);
  const opened = await openModel(options.modelPath, terminal);
  const { model, imageSize = options.imageSize } = opened;
  const split = await dataset.split(options.split, { classes: opened.classes });
  const classes = classesOfOutputs(opened, { found: split.truth.classes, data: options.data, terminal });
  const { table } = await trainingLabels(
    split,
    { ...options, simulatePartialParam: 0, seed: 0, pathDest: "." },
    terminal,
  );
  expectSameClasses(classes, table.classes, `csl evaluate: ${options.modelPath} for ${options.data}`);
  const knowledge = await classKnowledge(dataset, split, classes, options, terminal);
  const images = await split.images();
  const labels = images.selectRows(table);
  requireScorable(split.name, labels);
  const { batchSize, workers, onUnreadable } = options;
  const loader = createImageLoader(images.list, {
    size: imageSize,
    batchSize,
    workers,
    onUnreadable,
    ...timeLimits(options),
    dtype: "uint8",
    reuse: true,
    signal,
  });
  const total = images.list.length;
  const metrics = new MetricAccumulator({
    keepUnannotated: options.protocols,
    minPositives: options.minPositives,
    ...(options.thresholds && { folds: thresholdFolds }),
  });
  const noticeUnreadable = unreadableNotices([loader.unreadable], terminal);
  try {
    const evaluation = await evaluateModel(model, labelledBatches(loader.epoch(0), labels), {
      metrics,
      signal,
      onProgress: (done) => {
        noticeUnreadable();
        terminal.status(progressLine({ label: "evaluate", done, total }, { columns: terminal.columns }));
      },
    });
    terminal.endStatus();
    noticeUnreadable();
    const groups = classGroups(evaluation, knowledge);
    terminal.print(formatEvaluation(evaluation, classes, { groups, perClass: options.perClass }));
    const calibrated = calibrationReport(metrics);
    terminal.print(formatCalibration(calibrated));
    const decided = decisionsBeside(metrics, { found: beside, classes, labels: labels.hash() });
    if (decided) terminal.print(decided.text);
    const protocols = options.protocols ? compareProtocols(metrics, knowledge) : undefined;
    if (protocols) terminal.print(`\n${formatProtocols(protocols)}`);
    if (options.perClassCsv) {
      const { ids, names } = classes;
      const csv = perClassCsv(evaluation.perClass, (index) => ({
        id: ids[index]!,
        name: names[index]!,
        group: groups?.bucketOf[index],
      }));
      await writeWhole(options.perClassCsv, csv);
    }
    if (options.json)
      await writeJson(options.json, {
        ...evaluation,
        missing: images.missing,
        unreadable: loader.unreadable,
        ...(groups && { groups: groups.maps }),
        ...(protocols && { protocols }),
        ...calibrated,
        ...(decided && { thresholds: decided.thresholds, decisions: decided.decisions }),
      });
    if (options.thresholds)
      await chooseClassThresholds(metrics, {
        path: options.thresholds,
        criterion: options.criterion,
        modelPath: options.modelPath,
        classes,
        data: { dataset: dataset.kind, split: split.name, labels: labels.hash() },
        terminal,
      });
    return evaluation;
  } finally {
    await closeLoaders([loader], terminal);
    model.dispose();
  }
}

/** What the data set knows about its classes. Counting the training annotations may take reading the training labels. */
async function classKnowledge(
  dataset: Dataset,
  { trainable, frequency, name }: Split,
  classes: ClassList,
  { protocols, minPositives }: EvaluateOptions,
  terminal: Terminal,
): Promise<ClassKnowledge> {
  const known: ClassKnowledge = {
    ...(trainable && { trainable }),
    ...(frequency && { frequency }),
    ...(minPositives > 0 && { minPositives }),
  };
  if (dataset.kind !== "openimages" && !protocols) return known;
  try {
    const { truth } = await dataset.split("train", { classes });
    const { positives, negatives } = classStatistics(truth);
    return { ...known, trainAnnotations: positives.map((count, c) => count + negatives[c]!) };
  } catch (error) {
    terminal.info(`no groups by training annotations for "${name}": ${(error as Error).message}`);
    return known;
  }
}
