import { basename, dirname, join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { hashFile } from "@csl/internal/files/hash-file";
import type { ClassList } from "@csl/labels";
import {
  type ChosenThresholds,
  chooseThresholds,
  fBeta,
  fitTemperature,
  type MetricAccumulator,
  type PrecisionRecallF1,
  precisionRecallF1At,
  recallAtPrecision,
  type ThresholdCriterion,
} from "@csl/metrics";
import { percent } from "../terminal/format.js";
import type { Terminal } from "../terminal/terminal.js";
import {
  type FoundThresholds,
  type ThresholdsFile,
  threshold as thresholdAt,
  thresholdsName,
  thresholdVector,
  writeThresholds,
} from "./thresholds-file.js";

/** `f1`, `f2`, `f0.5` (any beta) or `precision=0.9`, as `--criterion` takes them; undefined for anything else. */
export function parseCriterion(text: string): ThresholdCriterion | undefined {
  const beta = Number(/^f(\d+(?:\.\d+)?)$/.exec(text)?.[1]);
  if (beta >= 1e-3 && beta <= 1e3) return fBeta(beta);
  const precision = Number(/^precision=(\d*\.?\d+)$/.exec(text)?.[1]);
  return precision > 0 && precision <= 1 ? recallAtPrecision(precision) : undefined;
}

/** A criterion in words. */
export function criterionName(criterion: ThresholdCriterion): string {
  return criterion.name === "f-beta"
    ? `F${criterion.beta}`
    : `recall at a precision of ${criterion.precision}`;
}

/** Parts of the images: each is decided by thresholds that were chosen on the others. */
export const thresholdFolds = 5;

/** @throws CslError `mismatch` when a split has fewer images than parts. Called before any image is read. */
export function requireFolds(images: number, split: string): void {
  if (images >= thresholdFolds) return;
  throw new CslError(
    "mismatch",
    `csl evaluate: expected at least ${thresholdFolds} images with --thresholds, which chooses on four fifths of them and tests on ` +
      `the rest, got ${images} in "${split}". Name a larger split with --split, or leave --thresholds out and use csl infer --th.`,
  );
}

interface Chosen {
  /** Where the file goes. */
  path: string;
  criterion: ThresholdCriterion;
  modelPath: string;
  classes: ClassList;
  data: Omit<ThresholdsFile["data"], "images">;
  terminal: Terminal;
}

/** Chooses thresholds on the logits of an evaluation, writes them, and says what they will really give. */
export async function chooseAndWriteThresholds(
  metrics: MetricAccumulator,
  { path, criterion, modelPath, classes, data, terminal }: Chosen,
): Promise<void> {
  const { ids, names } = classes;
  if (data.split === "train")
    terminal.info(
      "thresholds: chosen on the training split, whose images the model was trained on: too strict elsewhere.",
    );
  const chosen = chooseThresholds(metrics, { criterion, ids });
  const { crossFitted, globalCrossFitted, fitted } = chosen;
  await writeThresholds(path, {
    criterion: chosen.criterion,
    global: thresholdAt(chosen.global),
    temperature: fitTemperature(metrics).temperature,
    checkpoint: { file: basename(modelPath), sha256: await hashFile(modelPath) },
    data: { ...data, images: metrics.numSamples },
    estimate: {
      crossFitted: means(crossFitted),
      globalCrossFitted: means(globalCrossFitted),
      fitted: means(fitted),
    },
    classes: Object.fromEntries(
      chosen.perClass.map(({ index, threshold, source, positives, negatives }) => [
        ids[index]!,
        { name: names[index]!, output: index, ...thresholdAt(threshold), source, positives, negatives },
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
  const shared = thresholdAt(global).probability.toFixed(3);
  const row = (name: string, decisions: PrecisionRecallF1, note = ""): string =>
    name.padEnd(28) + columns.map((key) => percent(decisions[key]).padStart(7)).join("") + note;
  const gain = (other: PrecisionRecallF1): string =>
    `CF1 ${signed(crossFitted.cf1 - other.cf1)}, OF1 ${signed(crossFitted.of1 - other.of1)}`;
  const lines = [
    `thresholds for the best ${criterionName(criterion)}: ${count("own")} classes have their own, ${count("shrunk")} are moved towards the ` +
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

/** What the thresholds beside a checkpoint give on the images of an evaluation. */
export interface ThresholdDecisions {
  thresholds: string;
  decisions: PrecisionRecallF1;
  text: string;
}

/**
 * Undefined where no thresholds were chosen for this checkpoint and these classes.
 *
 * @param options.labels hash of the labels of these images
 */
export function decisionsAtThresholds(
  metrics: MetricAccumulator,
  { found, classes, labels }: { found: FoundThresholds | undefined; classes: ClassList; labels: string },
): ThresholdDecisions | undefined {
  if (!found?.own || !Object.keys(found.file.classes).every((id) => classes.has(id))) return undefined;
  const { path, file } = found;
  const decisions = precisionRecallF1At(metrics, thresholdVector(path, file, classes).logits);
  const numbers = columns.map((name) => `${name.toUpperCase()} ${percent(decisions[name])}`);
  const own = file.data?.labels === labels ? ", on these very images: optimistic" : "";
  const chosen = `chosen for ${criterionName(file.criterion)} on ${file.data?.split}${own}`;
  return { thresholds: path, decisions, text: `at ${path} (${chosen}): ${numbers.join(" ")}` };
}
