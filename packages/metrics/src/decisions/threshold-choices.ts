import type { AnnotatedScores } from "../scores/annotated-scores.js";
import { type ClassKeys, keyToScore, scoreToKey } from "../scores/class-keys.js";
import { radixSort } from "../scores/sort-and-count.js";
import {
  addCandidateCounts,
  bestCandidate,
  type CandidateCounts,
  countEntries,
  emptyCandidateCounts,
} from "./candidate-counts.js";
import type { CriterionValue } from "./threshold-criterion.js";

/** A threshold, or none where the entries lack positives or negatives; `positives` says how many it rests on. */
export type Choice = { threshold: number | undefined; positives: number };

/** The largest finite float32. */
const LARGEST = 3.4028234663852886e38;

/** Candidates of the threshold that all classes share: quantiles of the positives, all of them where there are fewer. */
const MAX_GLOBAL_CANDIDATES = 4096;

/** Entries counted together: the counting has a cost per call that small classes would pay each. */
const BATCH = 262_144;

/** The best threshold of one class without each fold in turn, and on all of them. Every positive's score is a candidate. */
export function classChoices(parts: readonly ClassKeys[], value: CriterionValue): Choice[] {
  const candidates = positiveScores(parts);
  const counts = parts.map((part) => {
    const own = emptyCandidateCounts(candidates.length);
    countEntries(own, candidates, usedEntries(part));
    return own;
  });
  return chooseByFold(candidates, counts, { value, foldParts: (fold) => [parts[fold]!] });
}

/** The best single threshold for all classes, on their entries pooled. */
export function globalChoices(held: AnnotatedScores, value: CriterionValue): Choice[] {
  const classes = Array.from({ length: held.numClasses }, (_, index) => held.forClass(index));
  const candidates = thinned(positiveScores(classes.flat()));
  const foldParts = (fold: number): ClassKeys[] => classes.map((parts) => parts[fold]!);
  const counts = Array.from({ length: held.folds }, (_, fold) => {
    const own = emptyCandidateCounts(candidates.length);
    for (const entries of batched(foldParts(fold))) countEntries(own, candidates, entries);
    return own;
  });
  return chooseByFold(candidates, counts, { value, foldParts });
}

/**
 * The best threshold without each fold in turn, and last the one on all of them.
 *
 * @param counts decisions at `candidates`, one per fold @param foldParts the entries of a fold
 */
function chooseByFold(
  candidates: Int32Array,
  counts: readonly CandidateCounts[],
  { value, foldParts }: { value: CriterionValue; foldParts: (fold: number) => readonly ClassKeys[] },
): Choice[] {
  const all = emptyCandidateCounts(candidates.length);
  for (const own of counts) addCandidateCounts(all, own);
  const choose = (without: number): Choice => {
    const { positives } = all;
    const best = bestCandidate(all, value);
    if (best < 0) return { threshold: undefined, positives };
    const parts = counts.flatMap((_, fold) => (fold === without ? [] : foldParts(fold)));
    return { threshold: thresholdBelow(candidates[best]!, parts), positives };
  };
  const choices = counts.map((own, fold) => {
    addCandidateCounts(all, own, -1);
    const choice = choose(fold);
    addCandidateCounts(all, own);
    return choice;
  });
  return [...choices, choose(-1)];
}

type Entries = { positives: Int32Array; annotated: Int32Array };

function usedEntries({ positives, numPositives, annotated, numAnnotated }: ClassKeys): Entries {
  return { positives: positives.subarray(0, numPositives), annotated: annotated.subarray(0, numAnnotated) };
}

/** The distinct scores of positives, ascending, but for the lowest two floats: no finite threshold lets them pass. */
function positiveScores(parts: readonly ClassKeys[]): Int32Array {
  const all = concatenated(parts.map((part) => usedEntries(part).positives));
  const sorted = distinct(radixSort(all, all.length, new Int32Array(all.length)));
  const lowestFinite = scoreToKey(-LARGEST);
  const first = sorted.findIndex((key) => key > lowestFinite);
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
    batch.push(usedEntries(part));
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

/** The distinct values of ascending keys, in place. */
function distinct(sorted: Int32Array): Int32Array {
  let length = 0;
  for (const key of sorted) {
    if (length === 0 || sorted[length - 1] !== key) sorted[length++] = key;
  }
  return sorted.subarray(0, length);
}

/**
 * The threshold that lets the score of `key` pass (strictly greater) and nothing annotated below it: the middle between
 * it and the next lower annotated score, as a float32; without a lower one, the float32 just below it.
 */
export function thresholdBelow(key: number, parts: readonly ClassKeys[]): number {
  const lower = nextLower(key, parts);
  const score = keyToScore(key);
  if (score === -Infinity) return -LARGEST; // no threshold lets it pass
  if (lower === undefined) return Math.max(keyToScore(key - 1), -LARGEST);
  // Halved first, because their sum may overflow; an infinite neighbour has no middle.
  const middle = Math.fround(keyToScore(lower) / 2 + score / 2) || 0; // between the two infinities: 0
  const finite = Math.min(Math.max(middle, -LARGEST), LARGEST);
  // Between two neighbouring float32 there is nothing, and rounding may have gone up.
  return finite < score ? finite : keyToScore(lower);
}

/** The largest annotated key below `key`. */
function nextLower(key: number, parts: readonly ClassKeys[]): number | undefined {
  let lower = -0x80000000; // no float has this key
  for (const { annotated, numAnnotated } of parts) {
    for (let i = 0; i < numAnnotated; i++) {
      const other = annotated[i]!;
      if (other < key && other > lower) lower = other;
    }
  }
  return lower === -0x80000000 ? undefined : lower;
}
