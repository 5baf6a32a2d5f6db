import { checkOptions } from "@csl/internal/errors/check-options";
import { checkCount, checkRange } from "@csl/internal/errors/check-values";
import { checkEntries, checkProbabilities } from "./check-entries.js";

interface RankQuestionsOptions {
  /** Of "present", [samples * numClasses]; NaN where it is not known: such entries are not asked about. */
  probabilities: ArrayLike<number>;
  /** [samples * numClasses] 1, 0 or -1. Only un-annotated entries are asked about. */
  labels: ArrayLike<number>;
  numClasses: number;
  /** At most so many questions. */
  count: number;
  /** Questions of one class that come together. Default 10. */
  batch?: number;
  /** That an annotator takes for an answer. Default 2. */
  secondsPerAnswer?: number;
  /** That an annotator takes in addition when another class comes up. Default 4. */
  secondsPerClass?: number;
  /** Which entries may be asked about. Default: all. */
  allows?: (sample: number, classIndex: number) => boolean;
}

/** An un-annotated entry to ask about. */
interface Question {
  sample: number;
  classIndex: number;
  /** Of "present". */
  probability: number;
  /** What the answer is expected to add: probability of yes, over the positives that the class has by then. */
  gain: number;
  /** What the answer is expected to add for an hour of the annotator's time, in the same unit. */
  gainPerHour: number;
}

/**
 * Un-annotated entries in the order in which to ask a person about them: what is learned in an hour is to be the most.
 *
 * Most un-annotated entries are absent, and one more "absent" tells a class little. A present one tells it more the fewer it
 * has: n positives count log n, so that the next one counts about 1/n. A class with n positives gains p/n by a question whose
 * answer is yes with probability p, and n grows by p. Questions come in batches of one class, so that the annotator keeps it in
 * mind; the batch with the largest gain for the time it takes comes next. Time per question comes from the options; all are
 * the same but for the first of a batch.
 *
 * @throws CslError `invalid-argument` for shapes that do not fit, and labels or probabilities that are none.
 * @see Settles 2009, Active Learning Literature Survey, section 7.1 (gain for its cost); Lin et al. 2020 (OpenImages, arXiv
 *   1811.00982), section 3: candidates by a classifier, verified by people one class after the other.
 */
export function rankQuestions(options: RankQuestionsOptions): Question[] {
  const speaker = "rankQuestions";
  checkOptions(speaker, options, {
    ...{ probabilities: true, labels: true, numClasses: true, count: true, batch: true },
    ...{ secondsPerAnswer: true, secondsPerClass: true, allows: true },
  });
  const { probabilities, labels, numClasses, count, batch = 10, allows = () => true } = options;
  const { secondsPerAnswer = 2, secondsPerClass = 4 } = options;
  checkCount(speaker, "numClasses", numClasses);
  checkCount(speaker, "count", count);
  checkCount(speaker, "batch", batch);
  checkRange(speaker, "secondsPerAnswer", secondsPerAnswer, { above: 0 });
  checkRange(speaker, "secondsPerClass", secondsPerClass, { from: 0 });
  checkEntries(speaker, { name: "probabilities", entries: probabilities }, labels, numClasses);
  checkProbabilities(speaker, probabilities);
  const classes = Array.from({ length: numClasses }, (_, classIndex) => {
    const candidates: Candidate[] = [];
    let positives = 0;
    for (let i = classIndex, sample = 0; i < labels.length; i += numClasses, sample++) {
      if (labels[i] === 1) positives++;
      const probability = probabilities[i]!;
      if (labels[i] === -1 && !Number.isNaN(probability) && allows(sample, classIndex))
        candidates.push({ sample, classIndex, probability });
    }
    candidates.sort((a, b) => b.probability - a.probability || a.sample - b.sample);
    return { candidates, asked: 0, positives: Math.max(1, positives) };
  });
  const time = { secondsPerAnswer, secondsPerClass };
  const next = classes.map((of) => nextBatch(of, batch, time));
  const questions: Question[] = [];
  while (questions.length < count) {
    let best = -1;
    next.forEach((one, c) => {
      if (one && one.gainPerHour > (next[best]?.gainPerHour ?? -1)) best = c;
    });
    const chosen = next[best];
    if (!chosen) break;
    questions.push(...chosen.questions.slice(0, count - questions.length));
    const of = classes[best]!;
    of.asked += chosen.questions.length;
    for (const { probability } of chosen.questions) of.positives += probability;
    next[best] = nextBatch(of, batch, time);
  }
  return questions;
}

type Candidate = Pick<Question, "sample" | "classIndex" | "probability">;

/** A class: its un-annotated entries, the likeliest first, and the positives that it has or is expected to have. */
interface ClassState {
  candidates: readonly Candidate[];
  asked: number;
  positives: number;
}

function nextBatch(
  { candidates, asked, positives }: ClassState,
  size: number,
  { secondsPerAnswer, secondsPerClass }: { secondsPerAnswer: number; secondsPerClass: number },
): { questions: Question[]; gainPerHour: number } | undefined {
  const batch = candidates.slice(asked, asked + size);
  if (batch.length === 0) return undefined;
  let had = positives;
  const gains = batch.map(({ probability }) => {
    const gain = probability / had;
    had += probability;
    return gain;
  });
  const hours = (batch.length * secondsPerAnswer + secondsPerClass) / 3600;
  const gainPerHour = gains.reduce((sum, gain) => sum + gain, 0) / hours;
  return { questions: batch.map((of, i) => ({ ...of, gain: gains[i]!, gainPerHour })), gainPerHour };
}
