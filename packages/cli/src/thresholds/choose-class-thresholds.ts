import { basename, dirname, join } from "node:path";
import type { ClassList } from "@csl/labels";
import {
  type ChosenThresholds,
  chooseThresholds,
  fitTemperature,
  type MetricAccumulator,
  type PrecisionRecallF1,
  precisionRecallF1At,
} from "@csl/metrics";
import { percent } from "../terminal/percent.js";
import type { Terminal } from "../terminal/terminal.js";
import { criterionName, criterionOf } from "./criterion-flag.js";
import { fileHash } from "./file-hash.js";
import { type ThresholdsFile, thresholdOf, thresholdsName, writeThresholds } from "./thresholds-file.js";

/** Parts of the images: each is decided by thresholds that were chosen on the others. */
export const thresholdFolds = 5;

interface Chosen {
  /** Where the file goes. */
  path: string;
  criterion: string;
  modelPath: string;
  classes: ClassList;
  data: Omit<ThresholdsFile["data"], "images">;
  terminal: Terminal;
}

/** Chooses thresholds on the logits of an evaluation, writes them, and says what they will really give. */
export async function chooseClassThresholds(
  metrics: MetricAccumulator,
  { path, criterion, modelPath, classes, data, terminal }: Chosen,
): Promise<void> {
  const { ids, names } = classes;
  if (data.split === "train")
    terminal.info(
      "thresholds: chosen on the training split, whose images the model knows: too strict elsewhere.",
    );
  const chosen = chooseThresholds(metrics, { criterion: criterionOf(criterion), ids });
  const { crossFitted, globalCrossFitted, fitted } = chosen;
  await writeThresholds(path, {
    criterion: chosen.criterion,
    global: thresholdOf(chosen.global),
    temperature: fitTemperature(metrics).temperature,
    checkpoint: { file: basename(modelPath), sha256: await fileHash(modelPath) },
    data: { ...data, images: metrics.numSamples },
    estimate: {
      crossFitted: means(crossFitted),
      globalCrossFitted: means(globalCrossFitted),
      fitted: means(fitted),
    },
    classes: Object.fromEntries(
      chosen.perClass.map(({ index, threshold, source, positives, negatives }) => [
        ids[index]!,
        { name: names[index]!, output: index, ...thresholdOf(threshold), source, positives, negatives },
      ]),
    ),
  });
  terminal.print(`\n${formatThresholds(chosen, precisionRecallF1At(metrics, 0), metrics.numSamples)}`);
  const beside = join(dirname(modelPath), thresholdsName);
  terminal.print(`→ ${path}`);
  terminal.info(
    join(path) === beside
      ? "csl infer finds them there; --th takes a single threshold instead."
      : `csl infer --thresholds ${path} applies them; as ${beside} they would be found.`,
  );
}

const columns = ["cp", "cr", "cf1", "op", "or", "of1"] as const;

function means(decisions: PrecisionRecallF1): Record<string, number> {
  return Object.fromEntries(columns.map((name) => [name, decisions[name]]));
}

/** @param half the decisions at a probability of 0.5 */
function formatThresholds(
  { criterion, global, perClass, crossFitted, globalCrossFitted, fitted, folds }: ChosenThresholds,
  half: PrecisionRecallF1,
  images: number,
): string {
  const count = (wanted: string): number => perClass.filter(({ source }) => source === wanted).length;
  const shared = thresholdOf(global).probability.toFixed(3);
  const row = (name: string, decisions: PrecisionRecallF1, note = ""): string =>
    name.padEnd(28) + columns.map((key) => percent(decisions[key]).padStart(7)).join("") + note;
  const gain = (other: PrecisionRecallF1): string =>
    `CF1 ${signed(crossFitted.cf1 - other.cf1)}, OF1 ${signed(crossFitted.of1 - other.of1)}`;
  const lines = [
    `thresholds for the best ${criterionName(criterion)}: ${count("own")} classes have their own, ${count("shrunk")} are drawn towards the ` +
      `shared one (few positives), ${count("global")} have it (no positives or no negatives)`,
    " ".repeat(28) + columns.map((key) => key.toUpperCase().padStart(7)).join(""),
    row("0.5 for every class", half),
    row(`shared one, ${shared}`, globalCrossFitted, "   cross-fitted"),
    row("one per class", crossFitted, "   cross-fitted: expect this on new images"),
    row("one per class, optimistic", fitted, "   on the images they were chosen on"),
    `gain per class (cross-fitted, ${folds} parts of ${images} images): ${gain(half)} over 0.5; ${gain(globalCrossFitted)} over the shared one`,
  ];
  if (crossFitted.cf1 < globalCrossFitted.cf1 && crossFitted.of1 < globalCrossFitted.of1)
    lines.push(
      `The shared threshold does better on images it has not seen: too few are annotated for one per class. Use csl infer --th ${shared}.`,
    );
  return lines.join("\n");
}

/** A difference of fractions in points. */
function signed(difference: number): string {
  return `${difference < 0 ? "" : "+"}${percent(difference)}`;
}
