import type { Split } from "@csl/datasets";
import type { Engine } from "@csl/engine";
import type { ImageList } from "@csl/image-batches";
import { CslError } from "@csl/internal/errors/csl-error";
import { type ClassList, expectSameClasses, type LabelTable } from "@csl/labels";
import { openDataset } from "../../data/open-dataset.js";
import { type TrainingLabels, trainingLabels } from "../../data/simulated-labels.js";
import { guardOverlap, requireScorable } from "../../data/split-checks.js";
import { startCommandEngine } from "../../engine/start-command-engine.js";
import { stepWork } from "../../engine/step-work.js";
import type { Context } from "../../flags/command.js";
import { variants } from "../../models/variants.js";
import type { TrainOptions } from "./train-flags.js";

/** Images with the labels of their rows, and how many samples have no image. */
export interface LabelledImages {
  list: ImageList;
  labels: LabelTable;
  missing: number;
}

export interface TrainingData {
  /** What `--data` was read as. */
  kind: string;
  engine: Engine;
  classes: ClassList;
  frequency: Split["frequency"];
  training: LabelledImages;
  validation: LabelledImages;
  saveLabels: TrainingLabels["save"];
}

/** Reads both splits, and starts the engine once it is known that they are there. */
export async function openTrainingData(
  options: TrainOptions,
  { terminal, signal, ranks }: Context,
): Promise<TrainingData> {
  const dataset = await openDataset(options, terminal, { reportFolder: options.pathDest, signal });
  for (const split of ["train", options.valSplit]) await dataset.requireSplit(split);
  // The head, which depends on the classes of the data, is a small part of the work.
  const work = stepWork({ variant: variants[options.modelName], numClasses: 1 }, options);
  const engine = await startCommandEngine(options, terminal, { advice: true, ranks, work });
  if (options.cudaGraphs) requireCaptureStep(engine);
  const trainSplit = await dataset.split("train");
  const { classes } = trainSplit.truth;
  const valSplit = await dataset.split(options.valSplit, { classes });
  expectSameClasses(classes, valSplit.truth.classes, "csl train");
  await guardOverlap(trainSplit, valSplit, {
    allow: options.allowOverlap,
    tell: (line) => terminal.info(line),
  });
  const { table, save } = await trainingLabels(trainSplit, options, terminal);
  const training = await withLabels(trainSplit, table);
  const validation = await withLabels(valSplit, valSplit.truth);
  requireScorable(valSplit.name, validation.labels);
  const size = ranks?.size ?? 1;
  if (training.list.length < options.batchSize * size)
    throw new CslError(
      "invalid-argument",
      `csl train: expected at least a batch of training images (--batch-size ${options.batchSize})${size > 1 ? ` for each of ${size} processes` : ""}, ` +
        `got ${training.list.length}. Lower --batch-size${size > 1 ? ", or start fewer processes" : ""}.`,
    );
  if (validation.list.length < size)
    throw new CslError(
      "invalid-argument",
      `csl train: expected at least an image of the split ${valSplit.name} for each of ${size} processes, got ${validation.list.length}. Start fewer processes.`,
    );
  return {
    kind: dataset.kind,
    engine,
    classes,
    frequency: trainSplit.frequency,
    training,
    validation,
    saveLabels: save,
  };
}

async function withLabels(split: Split, table: LabelTable): Promise<LabelledImages> {
  const { list, missing, selectRows } = await split.images();
  return { list, labels: selectRows(table), missing };
}

/** @throws CslError when the engine records no steps: the training would be slower than asked for. */
function requireCaptureStep({ captureStep, name, device }: Engine): void {
  if (captureStep) return;
  throw new CslError(
    "unsupported",
    `csl train: expected an engine that replays CUDA graphs for --cuda-graphs, got ${name} on ${device}. ` +
      "Use --engine torch-cuda with CUDA's headers installed, or leave --cuda-graphs out: the numbers are the same.",
  );
}
