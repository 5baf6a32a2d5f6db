/**
 * How often each class is drawn: the class of frequency rank r (0 = most frequent) gets 1 / (1 + r)^tail, scaled
 * to sum 1. The default tail 0.7 puts the first of 20 classes into about half of the images and the last into
 * about a tenth, as `person` and the rare classes of COCO.
 */
export function classWeights(count: number, { tail = 0.7 }: { tail?: number } = {}): Float64Array {
  const weights = Float64Array.from({ length: count }, (_, rank) => (1 + rank) ** -tail);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
