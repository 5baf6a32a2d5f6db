import { type Chart, figure } from "../../pages/charts/chart.js";
import { type Line, lineChart, type Point } from "../../pages/charts/line-chart.js";
import { html } from "../../pages/html.js";
import type { Section } from "../../pages/page.js";
import type { PastValidation, RunHistory, StepGroup } from "../run-history.js";

/** How the run went: scores by epoch; loss, rate and gradients by step. */
export function curvesSection(history: RunHistory): Section {
  return {
    id: "curves",
    title: "Curves",
    body: html`<div class="grid">${curveCharts(history).map(figure)}</div>`,
  };
}

/** The charts by themselves. */
export function curveCharts(history: RunHistory): Chart[] {
  const validations = history.pastValidations();
  const { groups } = history;
  const many = groups.some(({ count }) => count > 1);
  const note = many ? "Means of some steps in a row." : undefined;
  const steps = (name: keyof StepGroup): Point[] => groups.map((group) => [group.to, group[name]]);
  return [
    scoreChart("mAP(C)", validations, "mapC"),
    scoreChart("mAP(O)", validations, "mapO"),
    lineChart(
      { title: "Loss per image", note },
      {
        x: { label: "step", whole: true },
        y: { label: "loss per image", kind: "log" },
        lines: [
          { name: "steps", points: steps("loss"), marks: false },
          { name: "epochs", points: epochLosses(history), marks: true },
        ],
      },
    ),
    lineChart(
      { title: "Learning rate" },
      {
        x: { label: "step", whole: true },
        y: { label: "rate", from: 0 },
        lines: [{ name: "learning rate", points: steps("lr"), marks: false }],
      },
    ),
    lineChart(
      { title: "Gradient norm", note: "All parameters together, before clipping." },
      {
        x: { label: "step", whole: true },
        y: { label: "norm", kind: "log" },
        lines: [
          { name: "mean", points: steps("norm"), marks: false },
          ...(many ? [{ name: "largest", points: steps("largestNorm"), marks: false, dashed: true }] : []),
        ],
      },
    ),
    lineChart(
      { title: "Images a second", note: "Smoothed, waiting for images included." },
      {
        x: { label: "step", whole: true },
        y: { label: "images a second", from: 0 },
        lines: [{ name: "training", points: steps("speed"), marks: false }],
      },
    ),
  ];
}

function scoreChart(title: string, validations: readonly PastValidation[], name: "mapC" | "mapO"): Chart {
  const points = (weights: "raw" | "ema"): Point[] =>
    validations.flatMap((validation) => {
      const scores = validation[weights];
      return scores ? [[validation.epoch + 1, scores[name]] as const] : [];
    });
  const lines: Line[] = [
    { name: "raw weights", points: points("raw") },
    { name: "averaged weights", points: points("ema") },
  ];
  const chance = validations.at(-1)?.raw.chance?.[name];
  return lineChart(
    { title },
    {
      x: { label: "epoch", whole: true },
      y: { label: title, unit: "percent", from: 0 },
      lines,
      reference: chance === undefined ? undefined : { name: "chance", y: chance },
    },
  );
}

/** At the last step of each epoch. */
function epochLosses({ epochs, epochsPlanned, totalSteps }: RunHistory): Point[] {
  if (epochsPlanned === 0) return [];
  return [...epochs]
    .sort(([a], [b]) => a - b)
    .map(([epoch, { loss }]) => [Math.round(((epoch + 1) * totalSteps) / epochsPlanned), loss]);
}
