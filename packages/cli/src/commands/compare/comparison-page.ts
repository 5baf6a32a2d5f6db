import type { Looked } from "@csl/metrics";
import { figure } from "../../pages/charts/chart.js";
import { dataTable } from "../../pages/data-table.js";
import { type Html, html } from "../../pages/html.js";
import { page, type Section } from "../../pages/page.js";
import { counted } from "../../terminal/format.js";
import type { ComparisonReport } from "./comparison-report.js";
import { signed } from "./format-comparison.js";
import { intervalChart } from "./interval-chart.js";

/** Classes in a chart: more could not be told apart. */
const CHARTED = 30;

/** A comparison as a page of one file. */
export function comparisonPage(report: ComparisonReport): string {
  const { settings, comparisons, numSamples, validClasses, draws, level, notes, correction } = report;
  const names = settings.map(({ letter }) => letter).join(", ");
  return page({
    title: `Comparison of ${names}`,
    style: "figure+.table{margin-top:14px}",
    lead: html`<p>${counted(numSamples, "image")}, ${counted(validClasses, "class", "classes")} scored; intervals of ${100 * level} % by ${draws} draws. All are in percent points.</p>
${notes.map((note) => html`<p class="note">${note}</p>`)}`,
    sections: [
      { id: "settings", title: "What is compared", body: settingsTable(report) },
      ...comparisons.flatMap((comparison) => sectionsOf(comparison, report)),
      {
        id: "how",
        title: "How to read it",
        body: html`<p>The same images are drawn again and again for all runs, and the differences of each draw are compared. An interval that does not contain 0 shows a
difference. Where a setting has several runs, the intervals also hold what another seed would change.</p>
<p>One of many classes differs by chance. The intervals of classes, and those of groups, are therefore wider than for one alone: ${correction}.</p>`,
      },
    ],
  });
}

function settingsTable({ settings }: ComparisonReport): Html {
  return dataTable({
    id: "runs",
    caption: "Runs",
    columns: [
      { title: "setting" },
      { title: "run" },
      { title: "seed", kind: "number" },
      { title: "mAP(C)", kind: "fraction" },
      { title: "mAP(O)", kind: "fraction" },
      { title: "engine" },
      { title: "image size", kind: "number" },
    ],
    rows: settings.flatMap(({ letter, runs, mapC, mapO }) =>
      runs.map(({ name, seed, engine, imageSize }, i) => [
        ...[letter, name, seed, mapC.runs[i]!, mapO.runs[i]!, engine, imageSize],
      ]),
    ),
  });
}

function sectionsOf(
  { letter, about, verdict, mapC, mapO, groups, perClass }: ComparisonReport["comparisons"][number],
  { corrected }: ComparisonReport,
): Section[] {
  const looked = perClass.filter(({ difference }) => difference !== null);
  const largest = [...looked]
    .sort((a, b) => Math.abs(b.difference!.value) - Math.abs(a.difference!.value))
    .slice(0, CHARTED)
    .sort((a, b) => b.difference!.value - a.difference!.value);
  const mood = verdict === "better" ? "good" : verdict === "worse" ? "bad" : "note";
  const over = about === "settings" ? "two settings, over seeds and images" : "over images";
  const all: [string, Looked][] = [
    ["mAP(C)", mapC],
    ["mAP(O)", mapO],
    ...groups.map((own): [string, Looked] => [
      `${own.group}, ${counted(own.classes, "class", "classes")}`,
      own.difference,
    ]),
  ];
  const overall = html`<p><b class="${mood}">${verdict === "no difference shown" ? verdict : `${letter} is ${verdict}`}</b> (${over}):
mAP(C) ${signed(mapC.value)}, interval ${signed(mapC.corrected.low)} to ${signed(mapC.corrected.high)}.</p>
${figure(intervalChart({ title: `Difference ${letter} − A`, note: "mAP in percent points" }, all))}`;
  return [
    { id: `against-${letter}`, title: `${letter} against A`, body: overall },
    {
      id: `classes-${letter}`,
      title: `Classes of ${letter}`,
      body: html`<p class="note">Corrected for ${corrected.classes} looked at. ${perClass.length === looked.length ? "" : `${counted(perClass.length - looked.length, "class has", "classes have")} too few labels for an interval.`}</p>
${
  largest.length > 0
    ? figure(
        intervalChart(
          { title: `Classes with the largest differences ${letter} − A`, note: "AP in percent points" },
          largest.map(({ name, difference }) => [name, difference!]),
        ),
      )
    : ""
}
${dataTable({
  id: `table-${letter}`,
  caption: `Average precision of each class, A and ${letter}`,
  columns: [
    { title: "class" },
    { title: "id" },
    { title: "positives", kind: "number" },
    { title: "A", kind: "fraction" },
    { title: letter, kind: "fraction" },
    { title: "difference", kind: "fraction" },
    { title: "low", kind: "fraction", hint: "lower end of the corrected interval" },
    { title: "high", kind: "fraction", hint: "upper end of the corrected interval" },
    {
      title: "p",
      kind: "number",
      digits: 3,
      hint: "corrected: how often chance alone gives such a difference in any class",
    },
    ...(perClass.some(({ group }) => group !== undefined) ? [{ title: "group" }] : []),
  ],
  rows: perClass.map(({ name, id, positives, a, b, difference, group }) => [
    ...[name, id, positives, a, b, a === null || b === null ? null : b - a],
    ...[
      difference?.corrected.low ?? null,
      difference?.corrected.high ?? null,
      difference?.corrected.p ?? null,
    ],
    ...(group === undefined ? [] : [group]),
  ]),
  sort: { column: 5, descending: true },
})}`,
    },
  ];
}
