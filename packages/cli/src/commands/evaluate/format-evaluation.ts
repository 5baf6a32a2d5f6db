import { printable } from "@csl/internal/text/printable";
import type { ClassList } from "@csl/labels";
import {
  type BucketMap,
  bucketMap,
  type Calibration,
  type ClassKnowledge,
  calibration,
  fitTemperature,
  frequencyGroups,
  type MetricAccumulator,
} from "@csl/metrics";
import type { Evaluation } from "@csl/trainer";
import { percent } from "../../terminal/format.js";

/** mAP by groups of classes, and the group of each class. */
export interface ClassGroups {
  bucketOf: readonly string[];
  maps: BucketMap[];
}

/** By the data set's own r, c, f, else G1 (fewest) … G5 by training annotations; undefined without either. */
export function classGroups(
  { perClass }: Evaluation,
  { frequency, trainAnnotations }: ClassKnowledge,
): ClassGroups | undefined {
  if (frequency)
    return { bucketOf: frequency, maps: bucketMap(perClass, frequency, { order: ["r", "c", "f"] }) };
  if (!trainAnnotations || perClass.length < 5) return undefined;
  const bucketOf = frequencyGroups(trainAnnotations);
  return { bucketOf, maps: bucketMap(perClass, bucketOf, { order: ["G1", "G2", "G3", "G4", "G5"] }) };
}

/** Fractions as the field prints them, in percent. */
export function formatEvaluation(
  evaluation: Evaluation,
  classes: ClassList,
  { perClass, groups }: { perClass: boolean; groups: ClassGroups | undefined },
): string {
  const { mapC, mapO, chance, skipped, images } = evaluation;
  const { noLabels, noPositives, noNegatives, fewPositives } = skipped;
  const left = noLabels + noPositives + noNegatives + fewPositives;
  const lines = [
    `mAP(C) ${percent(mapC)}   mAP(O) ${percent(mapO)}   chance ${percent(chance.mapC)} / ${percent(chance.mapO)}`,
    `${images} images, ${classes.size - left} of ${classes.size} classes scored` +
      (left > 0
        ? ` (left out: ${noLabels} without labels, ${noPositives} without positives, ${noNegatives} without negatives${fewPositives > 0 ? `, ${fewPositives} with too few positives` : ""})`
        : ""),
  ];
  if (groups)
    lines.push(
      groups.maps
        .map(
          ({ bucket, mapC: value, chance: random, validClasses }) =>
            `${bucket} ${value === null ? "-" : percent(value)} (chance ${random === null ? "-" : percent(random)}, ${validClasses} classes)`,
        )
        .join("   "),
    );
  if (perClass) {
    const names = classes.names.map(printable);
    const width = Math.max(...names.map((name) => name.length));
    for (const { index, ap, positives } of evaluation.perClass) {
      const score = (ap === null ? "-" : percent(ap)).padStart(6);
      lines.push(`${names[index]!.padEnd(width)}  ${score}  ${positives} positives`);
    }
  }
  return lines.join("\n");
}

export interface CalibrationReport {
  calibration: Calibration;
  /** The temperature that fits these images, and the calibration it gives on them. */
  temperature: number;
  scaled: { ece: number; adaptiveEce: number; brier: number };
}

/** How well the model's probabilities are calibrated on the images of an evaluation, and with a temperature. */
export function calibrationReport(metrics: MetricAccumulator): CalibrationReport {
  const { temperature } = fitTemperature(metrics);
  const { ece, adaptiveEce, brier } = calibration(metrics, { scoresAre: "logits", temperature });
  return {
    calibration: calibration(metrics, { scoresAre: "logits" }),
    temperature,
    scaled: { ece, adaptiveEce, brier },
  };
}

/** One line, in percent as mAP is; the Brier score as a fraction, as everybody prints it. */
export function formatCalibration({ calibration: own, temperature, scaled }: CalibrationReport): string {
  const classes = own.classMean ? ` (mean of the classes ${percent(own.classMean.ece)})` : "";
  return (
    `calibration error ${percent(own.ece)}${classes}, adaptive ${percent(own.adaptiveEce)}, Brier ${own.brier.toFixed(4)}; ` +
    `with temperature ${temperature.toFixed(2)}: ${percent(scaled.ece)}`
  );
}
