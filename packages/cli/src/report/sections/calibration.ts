import { type Chart, figure } from "../../pages/charts/chart.js";
import { lineChart } from "../../pages/charts/line-chart.js";
import { dataTable } from "../../pages/data-table.js";
import { html } from "../../pages/html.js";
import type { Section } from "../../pages/page.js";
import type { ReportData } from "../report-data.js";

/** Whether probabilities are frequencies. */
export function calibrationSection({ validation }: ReportData): Section | undefined {
  if (!validation || validation.reliability.length === 0) return undefined;
  const { reliability } = validation;
  const total = reliability.reduce((sum, { count }) => sum + count, 0);
  const error = reliability.reduce(
    (sum, { confidence, frequency, count }) => sum + Math.abs(confidence - frequency) * (count / total),
    0,
  );
  return {
    id: "calibration",
    title: "Calibration",
    body: html`<p class="note">Annotated entries of all classes, in bins of half a logit. On the line, a probability is the share of positives; below it the model is too sure. Calibration error ${(100 * error).toFixed(2)} points.</p>
<div class="beside">${figure(reliabilityChart(reliability))}
${dataTable({
  id: "calibration-table",
  caption: "Probabilities and shares of positives",
  columns: [
    { title: "mean probability", kind: "fraction" },
    { title: "share of positives", kind: "fraction" },
    { title: "entries", kind: "number", digits: 0 },
  ],
  rows: reliability.map(({ confidence, frequency, count }) => [confidence, frequency, count]),
})}</div>`,
  };
}

/** The share of positives by probability. */
export function reliabilityChart(reliability: NonNullable<ReportData["validation"]>["reliability"]): Chart {
  return lineChart(
    { title: "Reliability" },
    {
      x: { label: "mean probability", unit: "percent", from: 0, to: 1 },
      y: { label: "share of positives", unit: "percent", from: 0, to: 1 },
      lines: [
        {
          name: "annotated entries",
          points: reliability.map(({ confidence, frequency }) => [confidence, frequency]),
          marks: true,
        },
        {
          name: "exact",
          points: [
            [0, 0],
            [1, 1],
          ],
          dashed: true,
          marks: false,
        },
      ],
    },
  );
}
