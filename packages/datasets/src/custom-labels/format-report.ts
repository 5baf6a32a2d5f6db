import { problemKinds } from "./problem-log.js";
import type { Report } from "./validate-custom-labels.js";

/** A report as text for a terminal, or for a file. @param options `most` problems of each kind are listed. */
export function formatReport(
  report: Report,
  { width = 100, most = 5 }: { width?: number; most?: number } = {},
): string {
  const n = (value: number): string => value.toLocaleString("en-US");
  if (report.failure !== undefined) return `${report.path}\n  cannot be read: ${report.failure}`;
  const some = (ids: readonly string[]): string =>
    `${ids.slice(0, 5).join(", ")}${ids.length > 5 ? `, and ${n(ids.length - 5)} more` : ""}`;
  const splits = Object.entries(report.splits).map(([split, count]) => `${split || "(none)"} ${n(count)}`);
  const lines = [
    report.path,
    `  ${n(report.samples)} images, ${n(report.classes)} classes, ${n(report.positives)} positives, ${n(report.negatives)} negatives`,
  ];
  if (splits.length > 0) lines.push(`  splits: ${splits.join(", ")}`);
  const { withoutPositives, withoutNegatives, lookalikes: similar } = report;
  if (withoutPositives.length > 0) lines.push(`  never positive: ${some(withoutPositives)}`);
  if (report.negatives === 0)
    lines.push("  no negatives at all: only positives can be learned from, and no AP computed");
  else if (withoutNegatives.length > 0) lines.push(`  never negative: ${some(withoutNegatives)}`);
  for (const ids of similar.slice(0, 5))
    lines.push(`  the same class? ${ids.map((id) => JSON.stringify(id)).join(", ")}`);
  if (report.clean) return [...lines, "  no problems"].map((line) => wrapped(line, width)).join("\n");
  for (const [kind, meaning] of Object.entries(problemKinds)) {
    const count = report.problemCounts[kind as keyof typeof problemKinds];
    if (count === undefined) continue;
    lines.push(`  ${n(count)} × ${kind}: ${meaning}`);
    const kept = report.problems.filter((problem) => problem.kind === kind).slice(0, most);
    for (const { line, message } of kept) lines.push(`    line ${line}: ${message}`);
    if (count > kept.length) lines.push(`    … and ${n(count - kept.length)} more`);
  }
  return lines.map((line) => wrapped(line, width)).join("\n");
}

/** Broken between words, the further lines indented two more. */
function wrapped(line: string, width: number): string {
  const indent = " ".repeat(line.length - line.trimStart().length);
  const lines: string[] = [];
  let current = indent;
  for (const word of line.trimStart().split(" ")) {
    const next = current.trim() === "" ? current + word : `${current} ${word}`;
    if (next.length > width && current.trim() !== "") {
      lines.push(current);
      current = `${indent}  ${word}`;
    } else {
      current = next;
    }
  }
  return [...lines, current].join("\n");
}
