import { type OverlapSplit, splitOverlap } from "@csl/datasets";
import { CslError } from "@csl/internal/errors/csl-error";
import { classStatistics, type LabelTable } from "@csl/labels";

/** @throws CslError `mismatch` with counts when the splits share images, unless that is allowed; then it is reported. */
export async function guardOverlap(
  train: OverlapSplit,
  validation: OverlapSplit,
  { allow, tell }: { allow: boolean; tell: (line: string) => void },
): Promise<void> {
  const { count, byId, byPath, byContent, sameNames, examples } = await splitOverlap(train, validation);
  if (sameNames > 0)
    tell(
      `${sameNames} images of "${validation.name}" have the name of another image of "${train.name}"; they are told apart by ` +
        "their paths and content",
    );
  if (count === 0) return;
  const what =
    `${count} of the ${validation.truth.numSamples} images of "${validation.name}" are in "${train.name}" as well ` +
    `(${byId} by id, ${byPath} by path, ${byContent} by content; first: ${examples.join(", ")})`;
  if (!allow)
    throw new CslError(
      "mismatch",
      `csl: ${what}. A model scored on images that it was trained on looks better than it is. ` +
        "Correct the split files, or continue with --allow-overlap.",
    );
  tell(`warning: ${what}; continuing because of --allow-overlap`);
}

/**
 * Called before a training, or a pass over every image, and not after.
 *
 * @throws CslError `mismatch` when no class of the split can have an average precision: that takes an annotated positive and an annotated negative.
 */
export function requireScorable(split: string, labels: LabelTable): void {
  const { positives, negatives } = classStatistics(labels);
  if (positives.some((count, index) => count > 0 && negatives[index]! > 0)) return;
  const withPositives = positives.filter((count) => count > 0).length;
  const withNegatives = negatives.filter((count) => count > 0).length;
  throw new CslError(
    "mismatch",
    `csl: expected a class of "${split}" with an annotated positive and an annotated negative, got none among ` +
      `${labels.numSamples} images × ${labels.numClasses} classes (${withPositives} classes have a positive, ${withNegatives} a negative). ` +
      "Scores need both: annotate absent classes as well, or use another split. csl diagnose shows what there is.",
  );
}
