import { dirname } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { hashFile } from "@csl/internal/files/hash-file";
import { compareProtocols, formatProtocols, MetricAccumulator, perClassCsv } from "@csl/metrics";
import { evaluateModel, evaluateTogether } from "@csl/trainer";
import {
  closeLoaders,
  gatherUnreadable,
  labelledBatches,
  readOnce,
  unreadableNotices,
} from "../../data/image-loaders.js";
import { writeJson, writeWhole } from "../../files/write-json.js";
import { type Context, defineCommand } from "../../flags/command.js";
import { file, integer, type OptionsOf, path, text, toggle } from "../../flags/flag.js";
import {
  datasetFlags,
  engineFlags,
  modelBatchFlags,
  modelFlags,
  overwriteFlag,
  savedLabels,
} from "../../flags/shared-flags.js";
import { locateModel } from "../../models/locate-model.js";
import { formats, outputKinds } from "../../outputs/output-kinds.js";
import { expectSameOnRanks, oncePerMachine, onEveryRank } from "../../ranks/ranks.js";
import { startProgress } from "../../terminal/progress.js";
import {
  chooseAndWriteThresholds,
  decisionsAtThresholds,
  parseCriterion,
  requireFolds,
  thresholdFolds,
} from "../../thresholds/choose-thresholds.js";
import { findThresholds } from "../../thresholds/thresholds-file.js";
import { calibrationReport, classGroups, formatCalibration, formatEvaluation } from "./format-evaluation.js";
import { classKnowledge, openEvaluation } from "./open-evaluation.js";

export const evaluateFlags = {
  "Data set": {
    ...datasetFlags,
    split: text("the split to score: val, test, ood, train", { placeholder: "name", default: "val" }),
    labels: path("labels saved by csl simulate or by an earlier run, instead of the full ones", {
      reads: savedLabels,
    }),
  },
  "Images and batches": modelBatchFlags,
  Model: modelFlags,
  Scores: {
    protocols: toggle("the same predictions under every paper's protocol, as a Markdown table"),
    "min-positives": integer("leave out classes with fewer annotated positives", { default: 0, from: 0 }),
    "per-class": toggle("print the average precision of every class"),
    "per-class-csv": file("write one line a class: id, name, AP, support, group", {
      writes: outputKinds.perClass,
    }),
    json: file("write all numbers as JSON", { writes: outputKinds.evaluation }),
    overwrite: overwriteFlag,
  },
  Thresholds: {
    thresholds: file(
      "choose a decision threshold per class on this split and write them; thresholds.json next to the checkpoint is what csl infer looks for",
      { writes: outputKinds.thresholds },
    ),
    criterion: text(
      "what thresholds are chosen for: f1, f2, f0.5 or the like; precision=0.9: as much recall as that precision leaves",
      {
        placeholder: "name",
        default: "f1",
        expected: "f1, f2, f0.5 or the like, or precision=0.9",
        allows: (value) => parseCriterion(value) !== undefined,
      },
    ),
  },
  Engine: engineFlags,
};

type EvaluateOptions = OptionsOf<typeof evaluateFlags>;

/** `csl evaluate`: metrics of a checkpoint on one split, over annotated entries only. */
export const evaluateCommand = defineCommand({
  name: "evaluate",
  summary: "metrics of a checkpoint, over annotated entries only",
  flags: evaluateFlags,
  shared: true,
  run: evaluateCheckpoint,
});

async function evaluateCheckpoint(options: EvaluateOptions, context: Context): Promise<void> {
  const { terminal, signal, ranks } = context;
  /** Of several processes, the one that writes and prints. */
  const first = (ranks?.rank ?? 0) === 0;
  if (options.criterion !== "f1" && !options.thresholds)
    throw new CslError(
      "invalid-argument",
      "csl evaluate: expected --thresholds with --criterion: the file that they are written to.",
    );
  const located = await oncePerMachine(ranks, () =>
    locateModel(
      options.modelPath,
      { speaker: "csl evaluate", offline: options.offline },
      { terminal, signal },
    ),
  );
  // Nothing is written beside weights that were fetched: that is the cache.
  const reportBeside = options.json ?? (located.fetched ? undefined : located.path);
  const reportFolder = reportBeside === undefined ? undefined : dirname(reportBeside);
  const opened = await onEveryRank(ranks, async () => {
    const found = await openEvaluation(options, located, context, { speaker: "csl evaluate", reportFolder });
    if (options.thresholds) requireFolds(found.images.list.length, found.split.name);
    return found;
  });
  const { dataset, split, model, engine, classes, images, labels, imageSize } = opened;
  await expectSameOnRanks("csl evaluate", ranks, {
    ...{ split: split.name, images: images.list.length, labels: labels.hash(), imageSize },
    ...{ batchSize: options.batchSize, engine, ...(ranks && { model: await hashFile(located.path) }) },
  });
  const found = options.thresholds || !first ? undefined : await findThresholds(located.path);
  const knowledge = first ? await classKnowledge(dataset, split, classes, options, terminal) : {};
  const loader = readOnce(images.list, options, { size: imageSize, signal, ranks });
  const total = images.list.length;
  const metrics = new MetricAccumulator({
    keepUnannotated: options.protocols,
    minPositives: options.minPositives,
    ...(options.thresholds && { folds: thresholdFolds }),
  });
  const noticeUnreadable = unreadableNotices([loader.unreadable], terminal);
  const show = startProgress(terminal, { label: "evaluate", unit: "images" });
  try {
    const batches = labelledBatches(loader.batches(), labels);
    const onProgress = (done: number): void => {
      noticeUnreadable();
      show(done, total);
    };
    const { rounds } = loader;
    const evaluation = ranks
      ? await evaluateTogether(model, batches, {
          ...{ collectives: ranks.group, rounds, metrics, signal, onProgress },
        })
      : await evaluateModel(model, batches, { metrics, signal, onProgress });
    terminal.endStatus();
    const unreadable = await gatherUnreadable(loader.unreadable, { images: images.list, ranks, terminal });
    if (!evaluation) return; // rank 0 has it
    noticeUnreadable();
    const groups = classGroups(evaluation, knowledge);
    terminal.print(formatEvaluation(evaluation, classes, { groups, perClass: options.perClass }));
    const calibrated = calibrationReport(metrics);
    terminal.print(formatCalibration(calibrated));
    const decided = decisionsAtThresholds(metrics, { found, classes, labels: labels.hash() });
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
        format: formats.evaluation,
        ...evaluation,
        missing: images.missing,
        unreadable,
        ...(groups && { groups: groups.maps }),
        ...(protocols && { protocols }),
        ...calibrated,
        ...(decided && { thresholds: decided.thresholds, decisions: decided.decisions }),
      });
    if (options.thresholds)
      await chooseAndWriteThresholds(metrics, {
        path: options.thresholds,
        criterion: parseCriterion(options.criterion)!,
        modelPath: located.path,
        classes,
        data: { dataset: dataset.kind, split: split.name, labels: labels.hash() },
        terminal,
      });
  } finally {
    await closeLoaders([loader], terminal);
    model.dispose();
  }
}
