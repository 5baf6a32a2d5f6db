import { type Chart, figure } from "../../pages/charts/chart.js";
import { scatterChart } from "../../pages/charts/scatter-chart.js";
import { dataTable } from "../../pages/data-table.js";
import { html } from "../../pages/html.js";
import type { Section } from "../../pages/page.js";
import type { ReportData } from "../report-data.js";

/** How often classes are expected, beside how often they are annotated. */
export function priorSection(data: ReportData): Section | undefined {
  const chart = priorChart(data);
  if (!chart) return undefined;
  const { facts, runningPrior } = data;
  const { ids, names } = facts.classes;
  const { images, positives } = facts.training;
  const rows = ids.map((_, c) => [
    names[c]!,
    images === 0 ? null : positives[c]! / images,
    ...(facts.prior ? [facts.prior[c] ?? null] : []),
    ...(runningPrior ? [runningPrior[c] ?? null] : []),
    images === 0 ? null : expectedOf(data, c) - positives[c]! / images,
  ]);
  return {
    id: "prior",
    title: "Prior",
    body: html`<p class="note">${
      facts.prior
        ? "The loss uses a prior. It is compared with the share of training images that are annotated with the class."
        : "The loss uses no prior. This is the running mean of the probabilities in training, as a prior of the reference is made."
    } A class above the dashed line is expected more often than it is annotated: some of its positives are un-annotated.</p>
<div class="beside">${figure(chart)}
${dataTable({
  id: "prior-table",
  caption: "Expected and annotated frequencies",
  columns: [
    { title: "class" },
    { title: "annotated positive", kind: "fraction" },
    ...(facts.prior ? [{ title: "prior of the loss", kind: "fraction" } as const] : []),
    ...(runningPrior ? [{ title: "mean in training", kind: "fraction" } as const] : []),
    {
      title: "expected beyond",
      kind: "fraction",
      hint: "share of images with an un-annotated positive, if the prior is right",
    },
  ],
  rows,
  sort: {
    column: 2 + Number(facts.prior !== undefined) + Number(runningPrior !== undefined),
    descending: true,
  },
})}</div>`,
  };
}

/** Undefined before there is a prior. */
export function priorChart(data: ReportData): Chart | undefined {
  const { facts, runningPrior } = data;
  if (!facts.prior && !runningPrior) return undefined;
  const { positives, images } = facts.training;
  const dots = facts.classes.names.map((name, c) => ({
    name,
    x: positives[c]! / images,
    y: expectedOf(data, c),
  }));
  const { priorThreshold } = facts.loss;
  const shares = dots.map(({ x }) => x).filter((x) => x > 0);
  return scatterChart(
    { title: facts.prior ? "Prior and annotations" : "Mean probability and annotations" },
    {
      x: { label: "share of training images annotated", kind: "log", unit: "percent" },
      // So that the line of equal values is in sight.
      y: { label: "expected", kind: "log", unit: "percent", from: Math.min(...shares) },
      groups: [{ name: "classes", dots: dots.filter(({ x }) => x > 0) }],
      diagonal: true,
      level:
        facts.prior && priorThreshold !== undefined
          ? { name: `threshold ${priorThreshold}: ignored above`, y: priorThreshold }
          : undefined,
    },
  );
}

const expectedOf = ({ facts, runningPrior }: ReportData, c: number): number =>
  (facts.prior ?? runningPrior)?.[c] ?? 0;
