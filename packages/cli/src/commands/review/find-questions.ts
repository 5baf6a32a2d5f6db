import type { LabelTable } from "@csl/labels";
import { calibrateScores, crossFittedScores, findLabelErrors, rankQuestions } from "@csl/metrics";
import type { Outputs } from "./look-at-images.js";
import type { ReviewItem } from "./review-item.js";

export interface RankingOptions {
  scores: "heads" | "model";
  folds: number;
  seed: number;
  known: number;
  questions: number;
  secondsPerAnswer: number;
  secondsPerClass: number;
}

export interface FoundQuestions {
  items: ReviewItem[];
  /** Annotated entries, and those among them whose label the scores contradict. */
  annotated: number;
  likely: number;
  /** Classes that say nothing about their known entries, because one of the two labels is missing. */
  oneSided: number;
}

/**
 * What to ask about the images that the network has looked at.
 *
 * @param table row i is of image i of `outputs`.
 */
export function findQuestions(table: LabelTable, outputs: Outputs, options: RankingOptions): FoundQuestions {
  const { numClasses, classes, sampleIds } = table;
  const labels = table.dense(Array.from({ length: table.numSamples }, (_, i) => i));
  const { folds, seed, known, questions, secondsPerAnswer, secondsPerClass } = options;
  const scores =
    options.scores === "model"
      ? outputs.values
      : crossFittedScores({
          ...{ features: outputs.values, dimensions: outputs.width, labels, numClasses },
          ...{ folds: Math.min(folds, table.numSamples), seed },
        });
  const probabilities = calibrateScores({ scores, labels, numClasses });
  const found = findLabelErrors({ probabilities, labels, numClasses });
  const asked =
    questions === 0
      ? []
      : rankQuestions({
          ...{ probabilities, labels, numClasses, count: questions },
          ...{ secondsPerAnswer, secondsPerClass },
        });
  const entry = (sample: number, classIndex: number) => ({
    image: sampleIds.at(sample),
    classId: classes.ids[classIndex]!,
    className: classes.names[classIndex]!,
  });
  const items: ReviewItem[] = [
    ...found.entries.slice(0, known).map(({ sample, classIndex, label, confidence, likely }): ReviewItem => {
      const probability = label === 1 ? confidence : 1 - confidence;
      return { kind: "known", ...entry(sample, classIndex), label, probability, likely };
    }),
    ...asked.map(({ sample, classIndex, probability, gainPerHour }): ReviewItem => {
      return { kind: "unknown", ...entry(sample, classIndex), label: -1, probability, gainPerHour };
    }),
  ];
  return {
    items,
    annotated: found.entries.length,
    likely: found.entries.filter(({ likely }) => likely).length,
    oneSided: found.joints.filter((joint) => joint === undefined).length,
  };
}
