import { figure } from "../../pages/charts/chart.js";
import { lineChart } from "../../pages/charts/line-chart.js";
import { type Html, html } from "../../pages/html.js";
import type { Section } from "../../pages/page.js";
import { percent } from "../../terminal/format.js";
import type { ReportData, SplitFacts } from "../report-data.js";

/** What the run was given to learn from, and to be measured on. */
export function dataSection({ facts }: ReportData): Section {
  const { kind, classes, training, validation } = facts;
  const ranked = [...training.positives].sort((a, b) => b - a);
  return {
    id: "data",
    title: "Data",
    body: html`<div class="beside"><div>${pairs("Training", training)}${pairs("Validation", validation)}
<dl class="pairs"><dt>kind of data</dt><dd>${kind}</dd><dt>classes</dt><dd>${classes.ids.length}</dd></dl></div>
${figure(
  lineChart(
    { title: "Annotated positives by class", note: "From the most frequent class to the rarest." },
    {
      x: { label: "rank of the class", whole: true },
      y: { label: "positives", kind: "log" },
      lines: [
        {
          name: "training",
          points: ranked.flatMap((count, i) => (count > 0 ? [[i + 1, count] as const] : [])),
          marks: ranked.length <= 40,
        },
      ],
    },
  ),
)}</div>`,
  };
}

function pairs(title: string, { images, missing, positives, negatives }: SplitFacts): Html {
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  const [present, absent] = [sum(positives), sum(negatives)];
  const entries = images * positives.length;
  const share = (count: number): string => (entries === 0 ? "" : ` (${percent(count / entries)} %)`);
  const none = positives.filter((count) => count === 0).length;
  const rows: [string, string][] = [
    ["images", `${images}${missing > 0 ? `, and ${missing} samples without one` : ""}`],
    ["annotated present", `${present}${share(present)}`],
    ["annotated absent", `${absent}${share(absent)}`],
    ["un-annotated", `${entries - present - absent}${share(entries - present - absent)}`],
    ["classes without a positive", String(none)],
  ];
  return html`<h3>${title}</h3><dl class="pairs">${rows.map(([word, value]) => html`<dt>${word}</dt><dd>${value}</dd>`)}</dl>`;
}
