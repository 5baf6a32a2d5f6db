import { stat } from "node:fs/promises";
import { loadSimulation } from "@csl/coco-simulation";
import { type Dataset, type Split, splitOverlap } from "@csl/datasets";
import { CslError } from "@csl/internal/errors/csl-error";
import { type Diagnosis, diagnose, formatDiagnosis, type LabelTable, readLabelTable } from "@csl/labels";
import { openDataset } from "../data/open-dataset.js";
import { writeJson } from "../files/write-json.js";
import { type Context, defineCommand } from "../flags/command.js";
import { commandLine } from "../flags/command-line.js";
import type { GivenFlags } from "../flags/config-file.js";
import { type FlagGroup, file, type OptionsOf, optionName, path, text } from "../flags/flag.js";
import { datasetFlags, overwriteFlag, savedLabels } from "../flags/shared-flags.js";
import { formats, outputKinds } from "../outputs/output-kinds.js";

export const diagnoseFlags = {
  // With --labels alone there need be no data set: whether it is there is checked when it is opened.
  "Data set": {
    ...datasetFlags,
    data: path(datasetFlags.data.description, { default: datasetFlags.data.default }),
  },
  "What to look at": {
    labels: path("saved labels: a folder of csl simulate, or one label file", { reads: savedLabels }),
    split: text("the split to look at", { placeholder: "name", default: "train" }),
    against: text("another split, searched for images that are in both", {
      placeholder: "name",
      default: "val",
    }),
    json: file("write the diagnosis as JSON", { writes: outputKinds.diagnosis }),
    overwrite: overwriteFlag,
  },
};

/** `csl diagnose`: what the labels of a data set look like, what is wrong with them, and which mode to train in. */
export const diagnoseCommand = defineCommand({
  name: "diagnose",
  summary: "look at labels: what is annotated, what is wrong, which mode to train in",
  flags: diagnoseFlags,
  run: diagnoseLabels,
});

async function diagnoseLabels(
  options: OptionsOf<typeof diagnoseFlags>,
  { terminal, signal, continuedBy }: Context,
): Promise<void> {
  const saved = options.labels === undefined ? undefined : await readSavedLabels(options.labels);
  let dataset: Dataset | undefined;
  try {
    dataset = await openDataset(options, terminal, { signal });
  } catch (error) {
    if (!saved) throw error;
  }
  const split = await dataset?.split(options.split);
  const table = saved ?? split?.truth;
  if (!table)
    throw new CslError("invalid-argument", "csl diagnose: expected --data or --labels, got neither.");
  const other = await dataset
    ?.split(options.against, { classes: table.classes })
    .catch((error: Error) => terminal.info(`not compared with "${options.against}": ${error.message}`));
  const diagnosis = diagnose(table, {
    // Ids that are not global say nothing: the images are compared below.
    ...(other?.globalIds && { other: other.truth }),
    ...(other && { complete: other.truth }),
    names: { table: options.split, other: options.against },
  });
  terminal.print(formatDiagnosis(diagnosis));
  // Without a positive every training is refused; a run of the whole method goes on with trainings of its own.
  if (diagnosis.positives > 0 && continuedBy === undefined)
    terminal.print(`\n${adviceAsCommands(diagnosis.recommendation, options).join("\n")}\n`);
  const missing = split && (await countImages(split, (line) => terminal.print(line)));
  if (split && other) {
    const { count, byId, byPath, byContent, sameNames } = await splitOverlap(split, other);
    if (count > 0)
      terminal.print(
        `${count} images of "${other.name}" are in "${split.name}" as well (${byId} by id, ${byPath} by path, ${byContent} by content)`,
      );
    if (sameNames > 0)
      terminal.print(
        `${sameNames} images of "${other.name}" have the name of another image of "${split.name}"`,
      );
  }
  if (options.json)
    await writeJson(options.json, {
      format: formats.diagnosis,
      ...diagnosis,
      missingImages: missing ?? null,
    });
}

/** The recommended training as it is typed; nothing where none can learn anything. */
export function adviceAsCommands(
  { mode, priorThreshold, likelihoodTopk }: Diagnosis["recommendation"],
  { labels, ...given }: AdviceOptions,
): string[] {
  const data = { data: given.data, ...changedFlags(datasetFlags, given) };
  const line = (name: string, flags: GivenFlags): string =>
    `  csl ${commandLine(name, { ...data, ...flags })}`;
  const train = (partialLossMode: string, flags: GivenFlags): string =>
    line("train", { labels, "partial-loss-mode": partialLossMode, ...flags });
  if (mode !== "selective") return [train(mode, { "path-dest": "run" })];
  const selection = { "prior-threshold": priorThreshold, "likelihood-topk": likelihoodTopk };
  return [
    train("ignore", { "path-dest": "ignore" }),
    line("estimate-prior", { "model-path": "ignore/best.safetensors", out: "prior.json" }),
    train("selective", { "prior-path": "prior.json", ...selection, "path-dest": "selective" }),
  ];
}

type AdviceOptions = Partial<OptionsOf<{ "Data set": typeof datasetFlags }>> & {
  data: string;
  labels?: string | undefined;
};

/** What of the flags was given otherwise than by default: every command that reads the same data takes it. */
function changedFlags(flags: FlagGroup, options: Readonly<Record<string, unknown>>): GivenFlags {
  const entries = Object.keys(flags).map((name) => [name, options[optionName(name)]] as const);
  return Object.fromEntries(
    entries.filter(([name, value]) => value !== undefined && value !== flags[name]!.default),
  );
}

/** Prints how many images are there; returns how many are missing, undefined when none is there. */
async function countImages(split: Split, print: (line: string) => void): Promise<number | undefined> {
  try {
    const { list, missing } = await split.images();
    print(`images: ${list.length} found, ${missing} missing`);
    return missing;
  } catch (error) {
    print(`images: ${(error as Error).message}`);
    return undefined;
  }
}

async function readSavedLabels(path: string): Promise<LabelTable> {
  return (await stat(path)).isFile() ? readLabelTable(path) : (await loadSimulation(path)).table;
}
