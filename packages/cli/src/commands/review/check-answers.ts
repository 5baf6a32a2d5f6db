import { CslError } from "@csl/internal/errors/csl-error";
import type { EditedLabels, EditResult, LabelEdit } from "./edit-labels.js";
import type { AnswersFile } from "./read-answers.js";

/** @throws CslError `mismatch` for answers about other labels, unless they may have changed since. */
export function requireKnownLabels(
  { labels }: AnswersFile,
  { known, data }: { known: ReadonlySet<string>; data: string },
  { allowChanges, out }: { allowChanges: boolean; out: string },
): void {
  if (known.has(labels) || allowChanges) return;
  throw new CslError(
    "mismatch",
    `csl review: expected answers about the labels of ${data} as they are or as ${out} had them, got answers about others ` +
      `(${labels.slice(0, 12)} instead of ${[...known].map((hash) => hash.slice(0, 12)).join(", ")}): the labels, or the flags that they are read ` +
      "with, have changed since the questions were made. Make new questions, or apply the answers about entries that are still what was shown: --allow-changes.",
  );
}

/**
 * @throws CslError `not-found` for answers about what the labels do not have; nothing is written then. Answers about images that
 * went away are left out, with --allow-changes those about images that the labels do not know, too.
 */
export function requireKnownEntries(
  { results }: EditedLabels,
  edits: readonly LabelEdit[],
  { apply: path, allowChanges }: { apply: string; allowChanges: boolean },
  isGone?: (image: string) => boolean,
): void {
  const isUnknown = (result: EditResult, i: number): boolean =>
    result === "unknown-class" || (result === "unknown-image" && !allowChanges && !isGone?.(edits[i]!.image));
  const at = results.findIndex(isUnknown);
  if (at < 0) return;
  const { image, classId } = edits[at]!;
  const what =
    results[at] === "unknown-class" ? `class ${JSON.stringify(classId)}` : `image ${JSON.stringify(image)}`;
  const count = results.filter(isUnknown).length;
  throw new CslError(
    "not-found",
    `csl review: expected images and classes of the labels in ${path}, got ${what}, which is in none (${count} such answers). ` +
      "A spreadsheet may have rewritten ids; answer in review.html.",
  );
}
