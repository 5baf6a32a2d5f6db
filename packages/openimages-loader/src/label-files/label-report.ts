import type { RowProblem } from "./label-scanner.js";

/** What {@link readLabelFiles} met: plain data, ready for JSON. */
export interface LabelReport {
  /** Data rows of all files, left-out ones included. */
  rows: number;
  byFile: { path: string; rows: number }[];
  bySource: Record<string, number>;
  /** Rows beyond the first to the same cell, agreeing or not. */
  duplicates: number;
  /** Cells left un-annotated because equally trusted labels contradict each other. */
  contradictions: number;
  /** Rows that contradicted an earlier one and were settled by the policy, one way or the other. */
  overruled: number;
  /** Machine labels under the threshold: they say nothing. */
  belowThreshold: number;
  /** Rows of classes that are not in the class list, and the most frequent of those. */
  unknownClasses: { rows: number; classes: number; examples: { id: string; rows: number }[] };
  /** Rows that are no label rows: left out. The first 20 are listed. */
  badRows: { count: number; examples: RowProblem[] };
  /** Last lines that end in the middle: the file was cut off there. */
  tornLines: RowProblem[];
  /** The index beside the first file: where, whether the labels came out of it, and what went wrong with it. */
  index?: { path: string; hit: boolean; note?: string };
}

/** The report for a person, a line for everything worth knowing. */
export function formatLabelReport(report: LabelReport): string {
  const { unknownClasses, badRows, index } = report;
  const sources = Object.entries(report.bySource).map(([name, rows]) => `${name} ${count(rows)}`);
  const lines = [`${count(report.rows)} label rows (${sources.join(", ") || "none"})`];
  for (const { path, rows } of report.byFile.length > 1 ? report.byFile : []) {
    lines.push(`  ${path}: ${count(rows)}`);
  }
  if (report.duplicates > 0) {
    lines.push(
      `${count(report.duplicates)} repeated labels: ${count(report.overruled)} overruled, ${count(report.contradictions)} cells contradictory and left un-annotated`,
    );
  }
  if (report.belowThreshold > 0)
    lines.push(`${count(report.belowThreshold)} machine labels below the threshold`);
  if (unknownClasses.rows > 0) {
    const examples = unknownClasses.examples.slice(0, 3).map(({ id, rows }) => `${id} ${count(rows)}`);
    lines.push(
      `${count(unknownClasses.rows)} rows of ${count(unknownClasses.classes)} classes outside the class list (${examples.join(", ")})`,
    );
  }
  for (const { path, line, reason, text } of badRows.examples.slice(0, 5)) {
    lines.push(`left out ${path}:${line}: ${reason}: ${text}`);
  }
  if (badRows.count > 5) lines.push(`left out ${count(badRows.count)} rows in all`);
  for (const { path, line, text } of report.tornLines) {
    lines.push(`${path} is cut off in line ${line} (${text}): download it again for the rest`);
  }
  if (index?.note) lines.push(index.note);
  return lines.join("\n");
}

const count = (n: number): string => n.toLocaleString("en-US");
