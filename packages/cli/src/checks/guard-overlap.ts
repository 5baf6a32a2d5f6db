import { type OverlapSplit, splitOverlap } from "@csl/datasets";
import { CslError } from "@csl/internal/errors/csl-error";

/** @throws CslError `mismatch` with counts when the splits share images, unless that is allowed; then it is reported. */
export function guardOverlap(
  train: OverlapSplit,
  validation: OverlapSplit,
  { allow, tell }: { allow: boolean; tell: (line: string) => void },
): void {
  const { count, byId, byPath, examples } = splitOverlap(train, validation);
  if (count === 0) return;
  const what =
    `${count} of the ${validation.truth.numSamples} images of "${validation.name}" are in "${train.name}" as well ` +
    `(${byId} by id, ${byPath} by path; first: ${examples.join(", ")})`;
  if (!allow)
    throw new CslError(
      "mismatch",
      `csl: ${what}. A model scored on images that it was trained on looks better than it is. ` +
        "Correct the split files, or continue with --allow-overlap.",
    );
  tell(`warning: ${what}; continuing because of --allow-overlap`);
}
