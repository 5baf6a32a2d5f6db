import { checkOptions } from "@csl/internal/errors/check-options";
import { Label } from "@csl/internal/labels/label";
import { classStatistics } from "../class-statistics.js";
import type { LabelTable } from "../label-table.js";
import type { SampleIds } from "../sample-ids/sample-ids.js";
import { completeFrequencies } from "./complete-frequencies.js";
import { type Recommendation, recommendMode } from "./recommend-mode.js";

export interface ClassReport {
  id: string;
  name: string;
  positives: number;
  negatives: number;
  unannotated: number;
  /** (positives + negatives) / samples */
  annotatedShare: number;
}

export interface Spread {
  least: number;
  median: number;
  most: number;
}

/** What {@link diagnose} finds: plain data, ready for JSON. Shares are in [0, 1]. */
export interface Diagnosis {
  name: string;
  samples: number;
  classes: number;
  defaultLabel: Label;
  positives: number;
  negatives: number;
  unannotated: number;
  annotatedShare: number;
  /** Annotated share over the classes, and over the samples. */
  classShare: Spread;
  sampleShare: Spread;
  samplesWithoutLabels: number;
  /** Class ids. `withoutLabels` ones are in the other two lists as well. */
  withoutPositives: string[];
  withoutNegatives: string[];
  withoutLabels: string[];
  /** Annotated negatives for every annotated positive; null without positives. */
  negativesPerPositive: number | null;
  /** Sample ids that occur more than once in this table: how many surplus rows, and examples. */
  duplicates: { count: number; examples: string[] };
  /** Display names that several classes share. */
  repeatedNames: string[];
  /** Samples that are in the other table too; null when none was given. */
  overlap: { with: string; count: number; share: number; examples: string[] } | null;
  perClass: ClassReport[];
  recommendation: Recommendation;
  warnings: string[];
}

export interface DiagnoseOptions {
  /** A second split that must not share samples with this one (e.g. train and validation). */
  other?: LabelTable;
  /**
   * A table over the same classes whose frequencies tell whether annotated positives were searched for, where it is
   * completely labelled. Default: `other`.
   */
  complete?: LabelTable;
  /** Names of the two tables in the report. Default "labels" and "the other table". */
  names?: { table?: string; other?: string };
}

/** Describes a label table: how much is annotated and where, what cannot be learned, and which mode suits it. */
export function diagnose(table: LabelTable, options: DiagnoseOptions = {}): Diagnosis {
  checkOptions("diagnose", options, { other: true, complete: true, names: true });
  const { other, complete = other, names = {} } = options;
  checkOptions("diagnose: names", names, { table: true, other: true });
  const { positives, negatives, unannotated } = classStatistics(table);
  const samples = table.numSamples;
  const perClass = table.classes.toJSON().map(({ id, name }, i) => ({
    id,
    name,
    positives: positives[i]!,
    negatives: negatives[i]!,
    unannotated: unannotated[i]!,
    annotatedShare: share(positives[i]! + negatives[i]!, samples),
  }));
  const ids = (keep: (report: ClassReport) => boolean): string[] => perClass.filter(keep).map(({ id }) => id);
  const perSample = annotatedPerSample(table);
  const totals = { positives: sum(positives), negatives: sum(negatives), unannotated: sum(unannotated) };
  const withoutLabels = ids((c) => c.positives + c.negatives === 0);
  const withoutNegatives = ids((c) => c.negatives === 0);
  const found: Omit<Diagnosis, "warnings"> = {
    name: names.table ?? "labels",
    samples,
    classes: table.numClasses,
    defaultLabel: table.defaultLabel,
    ...totals,
    annotatedShare: share(totals.positives + totals.negatives, samples * table.numClasses),
    classShare: spread(Float64Array.from(perClass, (c) => c.annotatedShare)),
    sampleShare: spread(Float64Array.from(perSample, (n) => share(n, table.numClasses))),
    samplesWithoutLabels: perSample.reduce((count, n) => count + (n === 0 ? 1 : 0), 0),
    withoutPositives: ids((c) => c.positives === 0),
    withoutNegatives,
    withoutLabels,
    negativesPerPositive: totals.positives === 0 ? null : totals.negatives / totals.positives,
    duplicates: repeatedSamples(table.sampleIds),
    repeatedNames: repeatedNames(table.classes.names),
    overlap: other ? findOverlap(table, other, names.other ?? "the other table") : null,
    perClass,
    recommendation: recommendMode({
      classes: perClass,
      unannotated: totals.unannotated,
      samples,
      complete: complete && completeFrequencies(table, complete),
    }),
  };
  return { ...found, warnings: listWarnings(found) };
}

function listWarnings(d: Omit<Diagnosis, "warnings">): string[] {
  const warnings: string[] = [];
  if (d.overlap && d.overlap.count > 0) {
    warnings.push(
      `${amount(d.overlap.count, "sample is", "samples are")} also in ${d.overlap.with} (${d.overlap.examples.join(", ")}): scores there would be too good.`,
    );
  }
  const degenerate = d.withoutNegatives.length - d.withoutLabels.length;
  if (degenerate > 0) {
    warnings.push(
      `${amount(degenerate, "class has", "classes have")} positives but no annotated negative: in Ignore mode score and prior go to 1 there.`,
    );
  }
  if (d.withoutPositives.length > 0) {
    warnings.push(
      `${amount(d.withoutPositives.length, "class has", "classes have")} no positive${d.withoutLabels.length > 0 ? ` (${text(d.withoutLabels.length)} of them no label at all)` : ""}: nothing to learn there, and metrics skip it.`,
    );
  }
  if (d.samplesWithoutLabels > 0) {
    warnings.push(
      `${amount(d.samplesWithoutLabels, "sample has", "samples have")} no annotated class: Ignore mode learns nothing there.`,
    );
  }
  if (d.duplicates.count > 0) {
    warnings.push(
      `${amount(d.duplicates.count, "row repeats", "rows repeat")} a sample id (${d.duplicates.examples.join(", ")}).`,
    );
  }
  if (d.repeatedNames.length > 0) {
    warnings.push(
      `Display names repeat (${d.repeatedNames.join(", ")}): match classes by id, never by name.`,
    );
  }
  return warnings;
}

function annotatedPerSample(table: LabelTable): Uint32Array {
  const counts = new Uint32Array(table.numSamples);
  const sparse = table.defaultLabel === Label.Unannotated;
  if (!sparse) counts.fill(table.numClasses);
  table.forEachEntry((sample, _class, label) => {
    if (sparse) counts[sample]!++;
    else if (label === Label.Unannotated) counts[sample]!--;
  });
  return counts;
}

function findOverlap(table: LabelTable, other: LabelTable, name: string): NonNullable<Diagnosis["overlap"]> {
  // Through the smaller of the two: a train set of nine million samples is compared with a small validation set.
  const [few, many] =
    other.numSamples < table.numSamples
      ? [other.sampleIds, table.sampleIds]
      : [table.sampleIds, other.sampleIds];
  const shared: string[] = [];
  for (let i = 0; i < few.length; i++) {
    const id = few.at(i);
    if (many.indexOf(id) >= 0 && !few.isRepeat(i)) shared.push(id);
  }
  return {
    with: name,
    count: shared.length,
    share: share(shared.length, table.numSamples),
    examples: shared.slice(0, 3),
  };
}

function repeatedSamples(ids: SampleIds): { count: number; examples: string[] } {
  const examples = new Set<string>();
  let count = 0;
  for (let i = 0; i < ids.length; i++) {
    if (!ids.isRepeat(i)) continue;
    count++;
    if (examples.size < 3) examples.add(ids.at(i));
  }
  return { count, examples: [...examples] };
}

function repeatedNames(names: readonly string[]): string[] {
  const seen = new Set<string>();
  const repeated = names.filter((name) => seen.size === seen.add(name).size);
  return [...new Set(repeated)].slice(0, 3);
}

function spread(values: Float64Array): Spread {
  const sorted = values.sort();
  const at = (i: number): number => sorted[i] ?? 0;
  const half = sorted.length / 2;
  const median = (at(Math.ceil(half) - 1) + at(Math.floor(half))) / 2;
  return { least: at(0), median, most: at(sorted.length - 1) };
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const sum = (counts: Uint32Array): number => counts.reduce((total, n) => total + n, 0);
const text = (n: number): string => n.toLocaleString("en-US");
const amount = (n: number, one: string, many: string): string => `${text(n)} ${n === 1 ? one : many}`;
