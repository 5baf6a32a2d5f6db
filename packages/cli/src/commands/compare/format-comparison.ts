import { printable } from "@csl/internal/text/printable";
import type { Looked } from "@csl/metrics";
import { counted, percent } from "../../terminal/format.js";
import type { ComparisonReport, NamedClass } from "./comparison-report.js";

/** Classes that are printed of those that differ, largest difference first. */
const MOST_CLASSES = 20;

/** A comparison as the terminal shows it, in percent points. */
export function formatComparison(
  report: ComparisonReport,
  { perClass, minPositives }: { perClass: boolean; minPositives: number },
): string {
  const { settings, comparisons, numSamples, validClasses, level, draws, notes } = report;
  const score = ({ value, deviation }: { value: number; deviation: number | null }): string =>
    `${percent(value)}${deviation === null ? "" : ` ± ${percent(deviation)}`}`;
  const lines = settings.map(
    ({ letter, name, runs, mapC, mapO }) =>
      `${letter}  ${name}: mAP(C) ${score(mapC)}, mAP(O) ${score(mapO)}${runs.length > 1 ? ` (${runs.length} runs)` : ""}`,
  );
  lines.push(
    `${counted(numSamples, "image")}, ${counted(validClasses, "class", "classes")} scored; ${draws} draws, intervals of ${100 * level} %`,
  );
  for (const { letter, about, verdict, mapC, mapO, groups, perClass: classes } of comparisons) {
    const over = about === "settings" ? "two settings, over seeds and images" : "over images";
    lines.push(
      "",
      `${letter} against A (${over}): ${verdict === "no difference shown" ? verdict : `${letter} is ${verdict}`}`,
    );
    const rows: [string, Looked, string][] = [
      ["mAP(C)", mapC, ""],
      ["mAP(O)", mapO, ""],
      ...groups.map((own): [string, Looked, string] => [
        `${own.group}, ${counted(own.classes, "class", "classes")}`,
        own.difference,
        "",
      ]),
    ];
    const looked = classes.filter(({ difference }) => difference !== null);
    const differing = looked.filter(({ difference }) => difference!.corrected.p <= 1 - level + 1e-9);
    const shown = perClass ? looked : differing.sort(byDifference).slice(0, MOST_CLASSES);
    lines.push(...table(rows));
    const few = classes.filter(({ difference, a }) => difference === null && a !== null).length;
    lines.push(
      `${differing.length} of ${counted(looked.length, "class differs", "classes differ")}, corrected for ${report.corrected.classes} looked at` +
        (few > 0 ? ` (${few} with fewer than ${minPositives} positives are not tested)` : "") +
        (shown.length > 0 ? ":" : "."),
      ...table(
        shown.map(({ name, difference, a, b }): [string, Looked, string] => [
          ...([printable(name), difference!] as const),
          `  ${percent(a!)} → ${percent(b!)}`,
        ]),
      ),
    );
    if (!perClass && differing.length > MOST_CLASSES)
      lines.push(`  … and ${differing.length - MOST_CLASSES} more: --per-class, --json, --html`);
  }
  return [...lines, ...(notes.length > 0 ? ["", ...notes] : [])].join("\n");
}

const byDifference = (a: NamedClass, b: NamedClass): number =>
  Math.abs(b.difference!.value) - Math.abs(a.difference!.value);

/** Corrected intervals, in points. */
function table(rows: readonly [name: string, looked: Looked, more: string][]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(
    ([
      name,
      {
        value,
        corrected: { low, high, p },
      },
      more,
    ]) => {
      const number = (own: number): string => signed(own).padStart(7);
      return `  ${name.padEnd(width)}  ${number(value)}  [${number(low)}, ${number(high)}]  p ${p < 0.001 ? "< 0.001" : p.toFixed(3)}${more}`;
    },
  );
}

/** +1.51, −0.20: points of percent. */
export function signed(fraction: number): string {
  const points = (100 * Math.abs(fraction)).toFixed(2);
  return `${Number(points) === 0 ? " " : fraction < 0 ? "−" : "+"}${points}`;
}
