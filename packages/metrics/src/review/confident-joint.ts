/** Annotated entries of one class by what is annotated and what they seem to be. Rows add up to the annotated entries. */
export interface ConfidentJoint {
  /** Annotated as absent, and seemingly so. */
  absentAbsent: number;
  /** Annotated as absent, seemingly present. */
  absentPresent: number;
  presentAbsent: number;
  presentPresent: number;
}

/** One class's annotated entries: the probability of "present" and the label, 1 or 0. */
export interface ClassEntries {
  probabilities: readonly number[];
  labels: readonly number[];
}

/** Entries within this of a threshold reach it, as in cleanlab. */
const TOLERANCE = 1e-6;

/**
 * What each annotated entry seems to be: 1 present, 0 absent, -1 neither for sure. A label is believed where its probability
 * reaches the mean that it has among the entries annotated so; where both do, the larger one.
 *
 * @see Northcutt et al. 2021, Confident Learning, equation 1.
 */
export function confidentGuesses({ probabilities, labels }: ClassEntries): Int8Array {
  const sums = [0, 0];
  const counts = [0, 0];
  labels.forEach((label, i) => {
    sums[label]! += label === 1 ? probabilities[i]! : 1 - probabilities[i]!;
    counts[label]!++;
  });
  const [absent, present] = sums.map((sum, label) => sum / counts[label]! - TOLERANCE) as [number, number];
  return Int8Array.from(probabilities, (p) => {
    const seemsPresent = p >= present;
    const seemsAbsent = 1 - p >= absent;
    if (seemsPresent && seemsAbsent) return p > 0.5 ? 1 : 0;
    return seemsPresent ? 1 : seemsAbsent ? 0 : -1;
  });
}

/** The joint of labels and guesses, each row scaled to the number of entries with its label, so that the doubtful ones count, too. */
export function confidentJoint(labels: readonly number[], guesses: Int8Array): ConfidentJoint {
  const cells = [
    [0, 0],
    [0, 0],
  ];
  const counts = [0, 0];
  labels.forEach((label, i) => {
    counts[label]!++;
    if (guesses[i]! >= 0) cells[label]![guesses[i]!]!++;
  });
  const scaled = cells.map(([absent, present], label) => {
    const total = absent! + present!;
    // Without a guess in a row, its labels are believed.
    if (total === 0) return label === 0 ? [counts[0]!, 0] : [0, counts[1]!];
    return [(absent! * counts[label]!) / total, (present! * counts[label]!) / total];
  });
  const [[absentAbsent, absentPresent], [presentAbsent, presentPresent]] = scaled as [
    [number, number],
    [number, number],
  ];
  return { absentAbsent, absentPresent, presentAbsent, presentPresent };
}
