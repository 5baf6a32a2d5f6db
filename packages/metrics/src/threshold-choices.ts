import type { AnnotatedScores } from "./annotated-scores.js";
import { type Choice, chooseByFold } from "./choose-by-fold.js";
import type { ClassKeys } from "./class-keys.js";
import { countEntries, distinct, emptyCounter } from "./decision-counter.js";
import { radixSort } from "./radix-sort.js";
import { keyOfScore } from "./threshold-below.js";
import type { CriterionValue } from "./threshold-criterion.js";

/** Candidates of the threshold that all classes share: quantiles of the positives, all of them where there are fewer. */
const MAX_GLOBAL_CANDIDATES = 4096;

/** Entries counted together: the counting has a cost per call that small classes would pay each. */
const BATCH = 2 ** 18;

/** The best threshold of one class without each fold in turn, and on all of them. Every positive's score is a candidate. */
export function classChoices(parts: readonly ClassKeys[], value: CriterionValue): Choice[] {
  const candidates = candidatesOf(parts);
  const counters = parts.map((part) => {
    const counter = emptyCounter(candidates.length);
    countEntries(counter, candidates, entriesOf(part));
    return counter;
  });
  return chooseByFold(candidates, counters, { value, partsOf: (fold) => [parts[fold]!] });
}

/** The best single threshold for all classes, on their entries pooled. */
export function globalChoices(held: AnnotatedScores, value: CriterionValue): Choice[] {
  const classes = Array.from({ length: held.numClasses }, (_, index) => held.ofClass(index));
  const candidates = thinned(candidatesOf(classes.flat()));
  const partsOf = (fold: number): ClassKeys[] => classes.map((parts) => parts[fold]!);
  const counters = Array.from({ length: held.folds }, (_, fold) => {
    const counter = emptyCounter(candidates.length);
    for (const entries of batched(partsOf(fold))) countEntries(counter, candidates, entries);
    return counter;
  });
  return chooseByFold(candidates, counters, { value, partsOf });
}

const LOWEST_FINITE = keyOfScore(-3.4028234663852886e38);

type Entries = { positives: Int32Array; annotated: Int32Array };

function entriesOf({ positives, numPositives, annotated, numAnnotated }: ClassKeys): Entries {
  return { positives: positives.subarray(0, numPositives), annotated: annotated.subarray(0, numAnnotated) };
}

/** The distinct scores of positives, ascending, but for the lowest two floats: no finite threshold lets them pass. */
function candidatesOf(parts: readonly ClassKeys[]): Int32Array {
  const all = concatenated(parts.map((part) => entriesOf(part).positives));
  const sorted = distinct(radixSort(all, all.length, new Int32Array(all.length)));
  const first = sorted.findIndex((key) => key > LOWEST_FINITE);
  return sorted.subarray(first < 0 ? sorted.length : first);
}

function thinned(candidates: Int32Array): Int32Array {
  if (candidates.length <= MAX_GLOBAL_CANDIDATES) return candidates;
  const step = (candidates.length - 1) / (MAX_GLOBAL_CANDIDATES - 1);
  return Int32Array.from({ length: MAX_GLOBAL_CANDIDATES }, (_, i) => candidates[Math.round(i * step)]!);
}

/** The parts' entries, small ones joined. */
function* batched(parts: readonly ClassKeys[]): Generator<Entries> {
  let batch: Entries[] = [];
  let size = 0;
  const joined = (): Entries => ({
    positives: concatenated(batch.map(({ positives }) => positives)),
    annotated: concatenated(batch.map(({ annotated }) => annotated)),
  });
  for (const part of parts) {
    batch.push(entriesOf(part));
    size += part.numAnnotated;
    if (size < BATCH) continue;
    yield joined();
    batch = [];
    size = 0;
  }
  yield joined();
}

function concatenated(arrays: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
