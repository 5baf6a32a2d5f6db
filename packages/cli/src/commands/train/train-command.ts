import { type Context, defineCommand } from "../../flags/command.js";
import { inputsOf } from "../../flags/read-flags.js";
import { tellUnused } from "../../flags/shared-flags.js";
import { onEveryRank, onRankZero } from "../../ranks/ranks.js";
import { withRecordedChoices } from "./choices.js";
import { flagsWithoutEffect, requireSettings } from "./require-settings.js";
import { requireSameTraining } from "./resume-settings.js";
import { openRunFolder, type RunFolder } from "./run-folder.js";
import { type TrainOptions, trainFlags, unusedTrainFlags } from "./train-flags.js";
import { trainInto } from "./train-into.js";
import { describeSteps, scratchFolder, settleAccumulate, settleResume } from "./training-ranks.js";

/** `csl train`: the reference's train.py on any data set, with what it lacks: resume, EMA weights, saved labels. */
export const trainCommand = defineCommand({
  name: "train",
  summary: "train on COCO, OpenImages, LVIS or label files of your own; flags and defaults of the reference",
  flags: trainFlags,
  shared: true,
  run: trainModel,
});

async function trainModel(given: TrainOptions, context: Context): Promise<void> {
  requireSettings(given);
  const { ranks, terminal } = context;
  const started = await onRankZero(ranks, async () => {
    const options = await withRecordedChoices(await settleResume(given));
    const auto = given.resume === "auto";
    const accumulate = auto
      ? await settleAccumulate(options, { size: ranks?.size ?? 1, terminal })
      : options.accumulate;
    return { ...options, accumulate };
  });
  tellUnused(unusedTrainFlags, started, terminal);
  for (const line of flagsWithoutEffect(started)) terminal.info(line);
  if (started.syncBn && !ranks) terminal.info("warning: --sync-bn: without effect with one process");
  if (ranks && ranks.rank > 0) {
    // Where the run stands it hears from rank 0.
    const { path, folder } = await onEveryRank(ranks, scratchFolder);
    const { resume: _, ...options } = { ...started, ...pathsOf(given), pathDest: path, overwrite: false };
    return withFolder(folder, () => trainInto(folder, options, context));
  }
  const folder = await onEveryRank(ranks, async () => {
    await requireSameTraining(started, {}, ranks);
    return openRunFolder(started, inputsOf(trainFlags, started));
  });
  if (ranks) terminal.info(describeSteps(started, ranks));
  return withFolder(folder, () => trainInto(folder, started, context));
}

/** A machine may have its data elsewhere. */
const pathsOf = ({
  data,
  images,
  labels,
}: TrainOptions): Pick<TrainOptions, "data" | "images" | "labels"> => ({
  data,
  ...(images !== undefined && { images }),
  ...(labels !== undefined && { labels }),
});

async function withFolder(folder: RunFolder, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    await folder.release();
  }
}
