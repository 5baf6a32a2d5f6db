import type { Dataset, Split } from "@csl/datasets";
import { type ClassList, classStatistics, expectSameClasses } from "@csl/labels";
import type { ClassKnowledge } from "@csl/metrics";
import { type DatasetOptions, openDataset } from "../../data/open-dataset.js";
import { loadSimulatedLabels } from "../../data/simulated-labels.js";
import { requireScorable } from "../../data/split-checks.js";
import { startCommandEngine } from "../../engine/start-command-engine.js";
import type { Context } from "../../flags/command.js";
import type { GroupOptions } from "../../flags/flag.js";
import type { engineFlags } from "../../flags/shared-flags.js";
import { readClassEmbeddings } from "../../models/class-embeddings.js";
import type { LocatedModel } from "../../models/locate-model.js";
import { openModel, sideOf } from "../../models/open-model.js";
import { classesByData } from "../../models/output-classes.js";
import type { Terminal } from "../../terminal/terminal.js";

/** What decides what is scored. */
export type EvaluationOptions = Pick<DatasetOptions, "data"> &
  Partial<DatasetOptions> &
  Partial<GroupOptions<typeof engineFlags>> & {
    split: string;
    labels?: string;
    modelPath: string;
    imageSize?: number;
    classEmbeddings?: string;
  };

export type OpenedEvaluation = Awaited<ReturnType<typeof openEvaluation>>;

/**
 * What is to be scored, and the model, as every process opens it for itself.
 *
 * @param more.reportFolder where the list of missing images goes.
 */
export async function openEvaluation(
  options: EvaluationOptions,
  located: LocatedModel,
  { terminal, signal, ranks }: Context,
  { speaker, reportFolder }: { speaker: string; reportFolder?: string | undefined },
) {
  const dataset = await openDataset(options, terminal, {
    ...(reportFolder !== undefined && (ranks?.rank ?? 0) === 0 && { reportFolder }),
    signal,
  });
  await dataset.requireSplit(options.split);
  const engine = await startCommandEngine(options, terminal, { ranks });
  const embeddings =
    options.classEmbeddings === undefined
      ? undefined
      : await readClassEmbeddings(
          options.classEmbeddings,
          speaker,
          (await dataset.split(options.split)).truth.classes,
        );
  const opened = await openModel(located, terminal, embeddings);
  const imageSize = sideOf(options.imageSize, opened, terminal);
  const split = await dataset.split(options.split, { classes: opened.classes });
  const classes = classesByData(opened, { found: split.truth.classes, data: options.data, terminal });
  const table =
    options.labels === undefined ? split.truth : await loadSimulatedLabels(options.labels, split, terminal);
  expectSameClasses(classes, table.classes, `${speaker}: ${options.modelPath} for ${options.data}`);
  const images = await split.images();
  const labels = images.selectRows(table);
  requireScorable(split.name, labels);
  return { dataset, split, model: opened.model, engine: engine.name, classes, images, labels, imageSize };
}

/** What the data set knows about its classes. Counting the training annotations may take reading the training labels. */
export async function classKnowledge(
  dataset: Dataset,
  { trainable, frequency, name }: Split,
  classes: ClassList,
  { protocols, minPositives }: { protocols: boolean; minPositives: number },
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
