import { checkOptions } from "@csl/internal/errors/check-options";
import { printable } from "@csl/internal/text/printable";
import type { ClassReport, Diagnosis, Spread } from "./diagnose.js";

export interface FormatDiagnosisOptions {
  /** How many classes to show from each end of the list; 0 shows none. Default 5. */
  top?: number;
  /** Columns of the terminal. Default 88. */
  width?: number;
}

/** A diagnosis as a page for a terminal: totals, the best and worst annotated classes, advice, warnings. */
export function formatDiagnosis(d: Diagnosis, options: FormatDiagnosisOptions = {}): string {
  checkOptions("formatDiagnosis", options, { top: true, width: true });
  const { top = 5, width = 88 } = options;
  const title = `${printable(d.name)} · ${count(d.samples)} samples × ${count(d.classes)} classes`;
  const lines = [
    title,
    "─".repeat(Math.min(width, Math.max(title.length, 40))),
    fact("annotated", `${percent(d.annotatedShare)} of all cells  ${bar(d.annotatedShare, 24)}`),
    fact(
      "labels",
      `${count(d.positives)} positive, ${count(d.negatives)} negative, ${count(d.unannotated)} un-annotated`,
    ),
    fact("ratio", ratio(d)),
    fact("per class", spread(d.classShare)),
    fact("per sample", spread(d.sampleShare)),
    fact(
      "nothing known",
      `${classCount(d.withoutLabels)}, ${amount(d.samplesWithoutLabels, "sample", "samples")}`,
    ),
    fact("no positive", `${classCount(d.withoutPositives)}${examples(d, d.withoutPositives)}`),
    fact("no negative", `${classCount(d.withoutNegatives)}${examples(d, d.withoutNegatives)}`),
  ];
  if (d.overlap)
    lines.push(fact("shared", `${amount(d.overlap.count, "sample", "samples")} with ${d.overlap.with}`));
  if (top > 0 && d.classes > 0) lines.push("", ...classLines(d, top));
  const { mode, alone, reason, priorThreshold, likelihoodTopk } = d.recommendation;
  const name = mode[0]!.toUpperCase() + mode.slice(1);
  lines.push("", `→ ${name}${mode === "selective" ? ` (without a second training: ${alone})` : ""}`);
  const threshold =
    priorThreshold === undefined
      ? ""
      : ` Most classes are frequent: with a prior threshold of ${priorThreshold} the prior marks about a quarter of them; 0.05 would mark nearly all, which is Ignore again.`;
  const topk =
    likelihoodTopk === undefined
      ? ""
      : ` Few entries of an image are un-annotated: ignore ${likelihoodTopk} likely ones in each (top-k); 5 would be most of them.`;
  lines.push(...wrap(reason + threshold + topk, width - 2).map((line) => `  ${line}`));
  for (const warning of d.warnings) {
    lines.push("", ...wrap(warning, width - 2).map((line, i) => (i === 0 ? "! " : "  ") + line));
  }
  return lines.join("\n");
}

function classLines(d: Diagnosis, top: number): string[] {
  const sorted = d.perClass.toSorted((a, b) => b.positives - a.positives);
  const all = sorted.length <= 2 * top;
  const shown = all ? sorted : [...sorted.slice(0, top), ...sorted.slice(-top)];
  const label = (c: ClassReport): string => shortened(printable(c.name));
  const columns: [title: string, cell: (c: ClassReport) => string][] = [
    ["positive", (c) => count(c.positives)],
    ["negative", (c) => count(c.negatives)],
    ["un-annotated", (c) => count(c.unannotated)],
    ["annotated", (c) => percent(c.annotatedShare)],
  ];
  const nameWidth = Math.max(5, ...shown.map((c) => label(c).length));
  const widths = columns.map(([title, cell]) => Math.max(title.length, ...shown.map((c) => cell(c).length)));
  const head = `  ${"class".padEnd(nameWidth)}  ${columns.map(([title], i) => title.padStart(widths[i]!)).join("  ")}`;
  const most = Math.max(1, ...shown.map((c) => c.annotatedShare));
  const rows = shown.map((c) => {
    const cells = columns.map(([, cell], i) => cell(c).padStart(widths[i]!)).join("  ");
    return `  ${label(c).padEnd(nameWidth)}  ${cells}  ${bar(c.annotatedShare / most, 10)}`;
  });
  if (!all)
    rows.splice(top, 0, `  ${`… ${count(sorted.length - 2 * top)} more`.padEnd(nameWidth)}`.trimEnd());
  return [head.trimEnd(), ...rows.map((row) => row.trimEnd())];
}

function ratio({ negativesPerPositive: n, negatives }: Diagnosis): string {
  if (n === null) return "no annotated positive";
  if (negatives === 0) return "no annotated negative";
  return n >= 1 ? `${short(n)} negatives for a positive` : `${short(1 / n)} positives for a negative`;
}

function examples(d: Diagnosis, ids: readonly string[]): string {
  if (ids.length === 0) return "";
  const wanted = new Set(ids.slice(0, 3));
  const names = d.perClass.filter(({ id }) => wanted.has(id)).map(({ name }) => name);
  return ` (${names.join(", ")}${ids.length > 3 ? ", …" : ""})`;
}

/** A bar of eighth blocks, at least one eighth for anything above zero. */
function bar(share: number, width: number): string {
  const eighths = share <= 0 ? 0 : Math.max(1, Math.round(Math.min(1, share) * width * 8));
  const rest = eighths % 8;
  return "█".repeat(Math.floor(eighths / 8)) + (rest > 0 ? "▏▎▍▌▋▊▉"[rest - 1] : "");
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line === "" || line.length + 1 + word.length <= width)
      lines[lines.length - 1] = line ? `${line} ${word}` : word;
    else lines.push(word);
  }
  return lines;
}

const fact = (name: string, value: string): string => `  ${name.padEnd(13)}  ${value}`;
const count = (n: number): string => n.toLocaleString("en-US");
const amount = (n: number, one: string, many: string): string => `${count(n)} ${n === 1 ? one : many}`;
const classCount = (ids: readonly string[]): string => amount(ids.length, "class", "classes");
const short = (n: number): string => (n >= 100 ? count(Math.round(n)) : n.toPrecision(2));
const spread = ({ least, median, most }: Spread): string =>
  `${percent(least)} least, ${percent(median)} median, ${percent(most)} most annotated`;

function percent(share: number): string {
  if (share === 0 || share === 1) return `${share * 100} %`;
  if (share < 1e-4) return "< 0.01 %";
  return `${(share * 100).toFixed(share < 0.01 ? 2 : 1)} %`;
}

const shortened = (name: string): string => (name.length > 24 ? `${name.slice(0, 23)}…` : name);
