import { dirname } from "node:path";
import { hashFile } from "@csl/internal/files/hash-file";
import { printable } from "@csl/internal/text/printable";
import { type ClassList, classStatistics, expectSameClasses, Label, type LabelTable } from "@csl/labels";
import { type Prior, stringifyPrior, topClasses } from "@csl/partial-loss";
import { estimatePrior } from "@csl/trainer";
import { closeLoaders, gatherUnreadable, readOnce, unreadableNotices } from "../data/image-loaders.js";
import { judgePrior, priorCorrelation, warnAllAbove } from "../data/judge-prior.js";
import { openDataset } from "../data/open-dataset.js";
import { startCommandEngine } from "../engine/start-command-engine.js";
import { writeJson, writeWhole } from "../files/write-json.js";
import { type Context, defineCommand } from "../flags/command.js";
import { file, integer, type OptionsOf } from "../flags/flag.js";
import {
  checkpointFile,
  classEmbeddingsFlag,
  datasetFlags,
  engineFlags,
  modelBatchFlags,
  offlineFlag,
  overwriteFlag,
} from "../flags/shared-flags.js";
import { readClassEmbeddings } from "../models/class-embeddings.js";
import { type LocatedModel, locateModel } from "../models/locate-model.js";
import { openModel, sideOf } from "../models/open-model.js";
import { classesByData } from "../models/output-classes.js";
import { formats, outputKinds } from "../outputs/output-kinds.js";
import { expectSameOnRanks, oncePerMachine, onEveryRank } from "../ranks/ranks.js";
import { startProgress } from "../terminal/progress.js";
import { trainFlags } from "./train/train-flags.js";

/** Of `csl train --prior-threshold`. */
const DEFAULT_THRESHOLD = trainFlags["Loss csl"]["prior-threshold"].default;

export const estimatePriorFlags = {
  "Data set": datasetFlags,
  "Images and batches": modelBatchFlags,
  Model: {
    "model-path": file(
      "the temporary model, trained with --partial-loss-mode ignore; a PyTorch file (.pth) or weights by name as well",
      { default: "./outputs/best.safetensors", reads: checkpointFile },
    ),
    offline: offlineFlag,
    "class-embeddings": classEmbeddingsFlag,
  },
  Results: {
    out: file("where the prior goes", {
      default: "./outputs/estimated-prior.json",
      writes: outputKinds.prior,
    }),
    top: integer("how many classes to print", { default: 10, from: 0 }),
    json: file("write the comparison with the true frequencies as JSON", { writes: outputKinds.priorReport }),
    overwrite: overwriteFlag,
  },
  Engine: engineFlags,
};

/**
 * `csl estimate-prior`: the mean prediction of the temporary model over the training images, without augmentation
 * (Fig. 3 of the paper). Where the full labels are known, the rank correlation to the true frequencies is printed.
 */
export const estimatePriorCommand = defineCommand({
  name: "estimate-prior",
  summary: "the class prior: mean prediction of the temporary model on the training images",
  flags: estimatePriorFlags,
  shared: true,
  run: estimateClassPrior,
});

type EstimatePriorOptions = OptionsOf<typeof estimatePriorFlags>;

/** The training images and the model, as every process opens them for itself. */
async function openEstimate(
  options: EstimatePriorOptions,
  located: LocatedModel,
  { terminal, signal, ranks }: Context,
) {
  const dataset = await openDataset(options, terminal, {
    ...((ranks?.rank ?? 0) === 0 && { reportFolder: dirname(options.out) }),
    signal,
  });
  await dataset.requireSplit("train");
  const engine = await startCommandEngine(options, terminal, { ranks });
  const embeddings =
    options.classEmbeddings === undefined
      ? undefined
      : await readClassEmbeddings(
          options.classEmbeddings,
          "csl estimate-prior",
          (await dataset.split("train")).truth.classes,
        );
  const opened = await openModel(located, terminal, embeddings);
  const imageSize = sideOf(options.imageSize, opened, terminal);
  const split = await dataset.split("train", { classes: opened.classes });
  const classes = classesByData(opened, { found: split.truth.classes, data: options.data, terminal });
  expectSameClasses(classes, split.truth.classes, "csl estimate-prior");
  const { list } = await split.images();
  return { model: opened.model, engine: engine.name, classes, truth: split.truth, list, imageSize };
}

async function estimateClassPrior(options: EstimatePriorOptions, context: Context): Promise<void> {
  const { terminal, signal, continuedBy, ranks } = context;
  const located = await oncePerMachine(ranks, () =>
    locateModel(
      options.modelPath,
      { speaker: "csl estimate-prior", offline: options.offline },
      { terminal, signal },
    ),
  );
  const opened = await onEveryRank(ranks, () => openEstimate(options, located, context));
  const { model, engine, classes, truth, list, imageSize } = opened;
  await expectSameOnRanks("csl estimate-prior", ranks, {
    ...{ images: list.length, classes: classes.ids.length, imageSize, batchSize: options.batchSize },
    ...{ engine, ...(ranks && { model: await hashFile(located.path) }) },
  });
  const loader = readOnce(list, options, { size: imageSize, signal, ranks });
  const noticeUnreadable = unreadableNotices([loader.unreadable], terminal);
  const show = startProgress(terminal, { label: "estimate prior", unit: "images" });
  try {
    const estimate = await estimatePrior(model, loader.batches(), classes.ids, {
      signal,
      ...(ranks && { collectives: ranks.group }),
      onProgress: (done) => {
        noticeUnreadable();
        show(Math.min(done * (ranks?.size ?? 1), list.length), list.length);
      },
    });
    terminal.endStatus();
    await gatherUnreadable(loader.unreadable, { images: list, ranks, terminal });
    if (ranks && ranks.rank > 0) return;
    noticeUnreadable();
    const prior: Prior = { ...estimate, names: classes.names };
    await writeWhole(options.out, stringifyPrior(prior));
    const comparison = compareWithTruth(prior, classes, truth);
    terminal.print(formatComparison(comparison, options.top));
    const { positives } = classStatistics(truth);
    // A training that follows in the same run has a threshold of its own, and tells what it ignores.
    const allAbove = continuedBy === undefined ? warnAllAbove(prior, DEFAULT_THRESHOLD) : undefined;
    for (const line of [judgePrior(prior, positives), allAbove]) if (line !== undefined) terminal.info(line);
    terminal.print(`prior of ${classes.size} classes from ${estimate.count} images: ${options.out}`);
    if (options.json) await writeJson(options.json, { format: formats.priorReport, ...comparison });
  } finally {
    await closeLoaders([loader], terminal);
    model.dispose();
  }
}

interface Comparison {
  /** Whether every label is known. If not, `trueShare` is only the share of images annotated as positive. */
  complete: boolean;
  /** Spearman; null when either side gives all classes the same value. */
  rankCorrelation: number | null;
  /** Largest prior first. */
  classes: { id: string; name: string; prior: number; trueShare: number }[];
}

/** The prior and the share of images that have each class, as far as it is annotated. */
function compareWithTruth(prior: Prior, classes: ClassList, truth: LabelTable): Comparison {
  const { positives } = classStatistics(truth);
  const share = Float32Array.from(positives, (count) => count / truth.numSamples);
  return {
    complete: truth.defaultLabel !== Label.Unannotated,
    rankCorrelation: priorCorrelation(prior.values, share) ?? null,
    classes: topClasses(prior, classes.size).map(({ id, value }) => {
      const index = classes.indexOf(id);
      return { id, name: classes.names[index]!, prior: value, trueShare: share[index]! };
    }),
  };
}

function formatComparison(
  { complete, rankCorrelation: correlation, classes }: Comparison,
  top: number,
): string {
  const rows = classes.slice(0, top).map((row) => ({ ...row, name: printable(row.name) }));
  const width = Math.max(5, ...rows.map(({ name }) => name.length));
  return [
    `${"class".padEnd(width)}  prior  ${complete ? "true share" : "annotated"}`,
    ...rows.map(
      ({ name, prior, trueShare }) => `${name.padEnd(width)}  ${prior.toFixed(3)}  ${trueShare.toFixed(3)}`,
    ),
    `rank correlation of the prior with the ${complete ? "true class frequencies" : "annotated positives"} (Spearman): ${correlation?.toFixed(3) ?? "none, all values are equal"}`,
  ].join("\n");
}
