import { csvLine } from "@csl/internal/csv/csv-line";
import type { ReviewItem } from "./review-item.js";

/** Whose labels are asked about: their hash, and the split. */
export interface ReviewedLabels {
  labels: string;
  split: string;
}

/** Columns of review.csv and of a file of answers: what identifies the entry, the answer, and what the ranking says. */
const entryColumns = ["labels", "split", "image", "class", "label"];
const answerColumns = ["answer", "seconds"];
const rankingColumns = ["name", "kind", "probability", "likely", "gain_per_hour"];

export const reviewHeading: string = csvLine([...entryColumns, ...answerColumns, ...rankingColumns]);

/**
 * What stands before and behind the answer in the row of a question. Texts that a spreadsheet would run are marked as
 * text.
 */
export function csvParts(
  item: ReviewItem,
  { labels, split }: ReviewedLabels,
): [before: string, after: string] {
  const { kind, image, classId, className, label, probability, likely, gainPerHour } = item;
  const entry = [labels, split, image, classId, label === -1 ? "" : label];
  const ranking = [
    ...[className, kind, probability.toFixed(4)],
    likely === undefined ? "" : likely ? "yes" : "no",
    gainPerHour === undefined ? "" : gainPerHour.toPrecision(4),
  ];
  return [csvLine(entry).trimEnd(), csvLine(ranking).trimEnd()];
}

/** The questions, to be answered in a spreadsheet. */
export function reviewCsv(items: readonly ReviewItem[], review: ReviewedLabels): string {
  const rows = items.map((item) => {
    const [before, after] = csvParts(item, review);
    return `${before},,,${after}\n`;
  });
  return reviewHeading + rows.join("");
}
