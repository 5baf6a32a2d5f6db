import { classStatistics, type LabelTable } from "@csl/labels";

/**
 * Before hours of training, or a pass over every image, and not after.
 *
 * @throws when no class of the split can have an average precision: that takes an annotated positive and an annotated negative.
 */
export function requireScorable(split: string, labels: LabelTable): void {
  const { positives, negatives } = classStatistics(labels);
  if (positives.some((count, index) => count > 0 && negatives[index]! > 0)) return;
  const withPositives = positives.filter((count) => count > 0).length;
  const withNegatives = negatives.filter((count) => count > 0).length;
  throw new Error(
    `csl: expected a class of "${split}" with an annotated positive and an annotated negative, got none among ` +
      `${labels.numSamples} images × ${labels.numClasses} classes (${withPositives} classes have a positive, ${withNegatives} a negative). ` +
      "Scores need both: annotate absent classes as well, or take another split. csl diagnose shows what there is.",
  );
}
