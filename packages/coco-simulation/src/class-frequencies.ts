import { checkOptions } from "@csl/internal/errors/check-options";
import { printable } from "@csl/internal/text/printable";
import { classStatistics, expectSameClasses, type LabelTable } from "@csl/labels";

export interface ClassFrequency {
  id: string;
  name: string;
  /** Positives before, and positives and negatives that are still annotated after. */
  truth: number;
  positives: number;
  negatives: number;
}

/** The counts of every class before and after a simulation, most frequent first. */
export function classFrequencies(before: LabelTable, after: LabelTable): ClassFrequency[] {
  expectSameClasses(before.classes, after.classes, "classFrequencies");
  const truth = classStatistics(before).positives;
  const { positives, negatives } = classStatistics(after);
  return before.classes
    .toJSON()
    .map(({ id, name }, i) => ({
      id,
      name,
      truth: truth[i]!,
      positives: positives[i]!,
      negatives: negatives[i]!,
    }))
    .sort((a, b) => b.truth - a.truth);
}

const COLUMNS = ["true positives", "kept positive", "kept negative", "annotated"] as const;

/**
 * Class frequencies before and after a simulation for a terminal, most frequent class first. The bar shows kept and
 * true positives on a logarithmic scale: `█` kept, `░` dropped.
 *
 * @param options.rows at most so many classes: the first and the last of the list. Default 40
 */
export function frequencyTable(
  before: LabelTable,
  after: LabelTable,
  options: { rows?: number } = {},
): string {
  checkOptions("frequencyTable", options, { rows: true });
  const { rows = 40 } = options;
  const all = classFrequencies(before, after);
  const head = all.length <= rows ? all.length : Math.ceil(rows / 2);
  const shown = [...all.slice(0, head), ...all.slice(Math.max(head, all.length - (rows - head)))];
  const most = Math.max(1, ...all.map(({ truth }) => truth));
  const cells = shown.map(({ truth, positives, negatives }) => [
    count(truth),
    count(positives),
    count(negatives),
    percent((positives + negatives) / Math.max(1, after.numSamples)),
  ]);
  const label = (name: string): string => {
    const shown = printable(name);
    return shown.length > 24 ? `${shown.slice(0, 23)}…` : shown;
  };
  const nameWidth = Math.max(5, ...shown.map(({ name }) => label(name).length));
  const widths = COLUMNS.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)));
  const line = (name: string, row: readonly string[], bar: string): string =>
    `${name.padEnd(nameWidth)}  ${row.map((cell, i) => cell.padStart(widths[i]!)).join("  ")}  ${bar}`.trimEnd();
  const lines = shown.map(({ name, truth, positives }, i) =>
    line(label(name), cells[i]!, bar(positives, truth, most)),
  );
  if (shown.length < all.length) lines.splice(head, 0, `… ${count(all.length - shown.length)} more`);
  const sum = (pick: (row: (typeof all)[number]) => number): number =>
    all.reduce((total, row) => total + pick(row), 0);
  const [truth, positives, negatives] = [
    sum((r) => r.truth),
    sum((r) => r.positives),
    sum((r) => r.negatives),
  ];
  const share = percent((positives + negatives) / Math.max(1, after.numSamples * after.numClasses));
  const title = line("class", COLUMNS, "█ kept ░ dropped (log)");
  const rule = "─".repeat(title.length);
  const total = line("all", [count(truth), count(positives), count(negatives), share], "");
  return [title, rule, ...lines, rule, total].join("\n");
}

function bar(kept: number, truth: number, most: number): string {
  const length = (n: number): number =>
    n === 0 ? 0 : Math.max(1, Math.round((24 * Math.log1p(n)) / Math.log1p(most)));
  return "█".repeat(length(kept)) + "░".repeat(length(truth) - length(kept));
}

const count = (n: number): string => n.toLocaleString("en-US");
const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 2 : 1)} %`;
