import { checkOptions } from "@csl/internal/errors/check-options";
import { checkCount } from "@csl/internal/errors/check-values";
import { checkEntries, checkProbabilities } from "./check-entries.js";
import { type ConfidentJoint, confidentGuesses, confidentJoint } from "./confident-joint.js";

interface FindLabelErrorsOptions {
  /** Of "present", [samples * numClasses], of samples that the model was not fitted to; NaN where it is not known. */
  probabilities: ArrayLike<number>;
  /** [samples * numClasses] 1, 0 or -1. */
  labels: ArrayLike<number>;
  numClasses: number;
  /** At most so many entries. Default: all. */
  count?: number;
}

/** An annotated entry and how much speaks for its label. */
interface DoubtfulLabel {
  sample: number;
  classIndex: number;
  label: 0 | 1;
  /** That the label is right, as far as the model knows: its self-confidence. */
  confidence: number;
  /** Whether confident learning counts it as wrong: the other label's probability is as high as where that one is annotated. */
  likely: boolean;
}

interface LabelErrors {
  /** The least credible first. */
  entries: DoubtfulLabel[];
  /** How many annotated entries are wrong, by the joint of every class. */
  estimated: number;
  /** [numClasses]; undefined for a class that lacks positives or negatives, which says nothing about its labels. */
  joints: (ConfidentJoint | undefined)[];
}

/**
 * Annotated entries that are probably wrong, the least credible first: confident learning, one class against the rest, on
 * annotated entries only. Entries are ranked by the probability of their label, which is comparable between classes where
 * it is calibrated (`calibrateScores`).
 *
 * @throws CslError `invalid-argument` for shapes that do not fit, and labels or probabilities that are none.
 * @see Northcutt, Jiang and Chuang 2021, Confident Learning (arXiv 1911.00068); Thyagarajan et al. 2022 (arXiv 2211.13895)
 *   for several labels per image.
 */
export function findLabelErrors(options: FindLabelErrorsOptions): LabelErrors {
  const speaker = "findLabelErrors";
  checkOptions(speaker, options, { probabilities: true, labels: true, numClasses: true, count: true });
  const { probabilities, labels, numClasses, count = Number.POSITIVE_INFINITY } = options;
  checkCount(speaker, "numClasses", numClasses);
  if (count !== Number.POSITIVE_INFINITY) checkCount(speaker, "count", count);
  checkEntries(speaker, { name: "probabilities", entries: probabilities }, labels, numClasses);
  checkProbabilities(speaker, probabilities);
  const entries: DoubtfulLabel[] = [];
  const joints: LabelErrors["joints"] = [];
  let estimated = 0;
  for (let classIndex = 0; classIndex < numClasses; classIndex++) {
    const samples: number[] = [];
    const of = { probabilities: [] as number[], labels: [] as number[] };
    for (let i = classIndex, sample = 0; i < labels.length; i += numClasses, sample++) {
      if (labels[i] === -1 || Number.isNaN(probabilities[i]!)) continue;
      samples.push(sample);
      of.probabilities.push(probabilities[i]!);
      of.labels.push(labels[i]!);
    }
    if (!of.labels.includes(1) || !of.labels.includes(0)) {
      joints.push(undefined);
      continue;
    }
    const guesses = confidentGuesses(of);
    const joint = confidentJoint(of.labels, guesses);
    joints.push(joint);
    estimated += joint.absentPresent + joint.presentAbsent;
    samples.forEach((sample, i) => {
      const label = of.labels[i] as 0 | 1;
      const p = of.probabilities[i]!;
      const likely = guesses[i]! >= 0 && guesses[i] !== label;
      entries.push({ sample, classIndex, label, confidence: label === 1 ? p : 1 - p, likely });
    });
  }
  entries.sort((a, b) => a.confidence - b.confidence || a.sample - b.sample || a.classIndex - b.classIndex);
  return { entries: entries.slice(0, Math.min(count, entries.length)), estimated, joints };
}
