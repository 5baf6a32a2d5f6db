/** Annotated entries of one class. */
export interface ClassCounts {
  positives: number;
  negatives: number;
}

/** Whether annotated positives are as rare as all positives, and from what it is seen. */
export interface AnnotationBias {
  /** Positives were searched for: among the annotated entries they are more frequent than in the images. */
  sought: boolean;
  /** In words, for the reason of an advice. */
  evidence: string;
}

/** Up to this share of a few classes, and this number of many, an image may well have. */
const PLAUSIBLE = { share: 0.35, classes: 20 };
/** Frequencies in complete labels that differ by more than this factor are others. */
const MUCH_MORE = 1.5;

/**
 * Judges by class frequency: the share of positives among a class's annotated entries is its frequency in the images if
 * the entries were annotated whatever they show.
 *
 * 1. Where another split is completely labelled, its frequencies are compared.
 * 2. A fair random sample annotates every class about equally often, whatever its frequency, and frequencies differ.
 *    (Drawing as many positives as negatives makes them alike.)
 * 3. Else the number of classes in an image that the frequencies come to must be plausible.
 *
 * @param complete frequencies of the same classes in completely labelled images, where there are some
 */
export function annotationBias(
  classes: readonly ClassCounts[],
  complete?: readonly number[],
): AnnotationBias {
  const labelled = classes.map(({ positives, negatives }, i) => ({
    i,
    positives,
    known: positives + negatives,
  }));
  const known = labelled.filter((one) => one.known > 0);
  const frequencies = known.map(({ positives, known: all }) => positives / all);
  const implied = sum(frequencies);
  if (complete) {
    const real = sum(known.map(({ i }) => complete[i] ?? 0));
    return {
      sought: implied > MUCH_MORE * real,
      evidence: `the annotated entries come to ${fixed(implied)} classes in an image, completely labelled images have ${fixed(real)}`,
    };
  }
  const evidence = `the annotated entries come to ${fixed(implied)} of ${known.length} classes in an image`;
  const [fewest, most] = range(known.map((one) => one.known));
  const [rarest, commonest] = range(frequencies);
  // Sampling noise is about the root of the counts; of few entries nothing can be told.
  const equally = fewest >= 30 && most - fewest <= 0.1 * most + 6 * Math.sqrt(most);
  if (equally && commonest - rarest > 0.15)
    return {
      sought: false,
      evidence: `${evidence}, and every class is annotated about equally often, rare or frequent`,
    };
  const plausible = Math.min(PLAUSIBLE.share * known.length, PLAUSIBLE.classes);
  return { sought: implied > plausible, evidence };
}

const range = (values: readonly number[]): [least: number, most: number] =>
  values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ] as [number, number]);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const fixed = (n: number): string => (n >= 10 ? n.toFixed(0) : n.toPrecision(2));
