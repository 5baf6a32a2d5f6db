import { CslError } from "@csl/internal/errors/csl-error";

/**
 * Class weights that give every class the same total weight of positives: N / (C · n_c), where n_c is the number of annotated
 * positives of class c, N their sum and C the number of classes that have any. Their mean over the positives is 1. A class
 * without positives weighs 1.
 *
 * @param positives n_c per class
 * @throws CslError `invalid-argument` for what is no count
 * Source: scikit-learn's class_weight="balanced" (King and Zeng 2001), each annotated positive being one sample of its class.
 */
export function balancedClassWeights(positives: ArrayLike<number>): Float32Array {
  const counts = Array.from(positives);
  const bad = counts.findIndex((count) => !(Number.isSafeInteger(count) && count >= 0));
  if (bad >= 0)
    throw new CslError(
      "invalid-argument",
      `balancedClassWeights: expected numbers of positives, got ${counts[bad]} for class ${bad}.`,
    );
  const total = counts.reduce((sum, count) => sum + count, 0);
  const present = counts.filter((count) => count > 0).length;
  return Float32Array.from(counts, (count) => (count === 0 ? 1 : total / (present * count)));
}
