import { checkOptions } from "@csl/internal/errors/check-options";
import { type ClassList, classStatistics } from "@csl/labels";
import { type Problem, type ProblemCounts, problemKinds } from "./problem-log.js";
import { optionNames, type ReadCustomOptions, readLabels } from "./read-custom-labels.js";

/** What a custom label file holds and what is wrong with it: plain data, ready for JSON. */
export interface CustomLabelsReport {
  path: string;
  /** Whether the file can be trained from as it is: no problem of any kind. */
  clean: boolean;
  /** Set when nothing could be read at all. */
  failure?: string;
  samples: number;
  classes: number;
  positives: number;
  negatives: number;
  /** Samples by split; {} without splits. */
  splits: Record<string, number>;
  /** Class ids without any positive, and without any negative. */
  withoutPositives: string[];
  withoutNegatives: string[];
  /** Class ids that differ only in case and blanks. */
  lookalikes: string[][];
  problems: Problem[];
  problemCounts: ProblemCounts;
}

/** Reads a custom label file as `readCustomLabels` does and says what it holds and what is wrong with it. Never throws for what is in the file. */
export async function validateCustomLabels(
  path: string,
  options: ReadCustomOptions = {},
): Promise<CustomLabelsReport> {
  checkOptions("validateCustomLabels", options, optionNames);
  try {
    const { table, splits, problems, problemCounts } = await readLabels(path, options);
    const { positives, negatives } = classStatistics(table);
    const idsWithout = (counts: ArrayLike<number>): string[] =>
      table.classes.ids.filter((_, c) => counts[c] === 0);
    return {
      path,
      clean: Object.keys(problemCounts).length === 0,
      samples: table.numSamples,
      classes: table.numClasses,
      positives: sum(positives),
      negatives: sum(negatives),
      splits: countBy(splits ?? []),
      withoutPositives: idsWithout(positives),
      withoutNegatives: idsWithout(negatives),
      lookalikes: lookalikes(table.classes),
      problems,
      problemCounts,
    };
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const nothing = {
      samples: 0,
      classes: 0,
      positives: 0,
      negatives: 0,
      splits: {},
      problems: [],
      problemCounts: {},
    };
    const none = { withoutPositives: [], withoutNegatives: [], lookalikes: [] };
    return { path, clean: false, failure: `${path}: ${(error as Error).message}`, ...nothing, ...none };
  }
}

/**
 * A report as text for a terminal, or for a file.
 *
 * @param options.width of a line, at most. Default 100.
 * @param options.most problems of each kind that are listed, at most. Default 5.
 */
export function formatCustomLabelsReport(
  report: CustomLabelsReport,
  options: { width?: number; most?: number } = {},
): string {
  checkOptions("formatCustomLabelsReport", options, { width: true, most: true });
  const { width = 100, most = 5 } = options;
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

const sum = (counts: Uint32Array): number => counts.reduce((total, count) => total + count, 0);

function countBy(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function lookalikes(classes: ClassList): string[][] {
  const groups = new Map<string, string[]>();
  for (const id of classes.ids) {
    const plain = id.toLowerCase().replaceAll(/[\s_-]+/g, "");
    groups.set(plain, [...(groups.get(plain) ?? []), id]);
  }
  return [...groups.values()].filter((ids) => ids.length > 1);
}
