import { type Chart, figure } from "../../pages/charts/chart.js";
import { type DotGroup, scatterChart } from "../../pages/charts/scatter-chart.js";
import { dataTable } from "../../pages/data-table.js";
import { html } from "../../pages/html.js";
import type { Section } from "../../pages/page.js";
import { counted } from "../../terminal/format.js";
import type { ReportData } from "../report-data.js";

/** AP of each class against its frequency, and what thresholds do. */
export function classesSection(data: ReportData): Section | undefined {
  const { facts, validation } = data;
  if (!validation) return undefined;
  const { ap, positives, negatives, decisions, weights, epoch } = validation;
  const { ids, names, groups } = facts.classes;
  const withIds = ids.some((id, c) => id !== names[c]);
  const rows = ids.map((id, c) => {
    const { best, half } = decisions[c] ?? {};
    return [
      names[c]!,
      ...(groups ? [groups[c] ?? ""] : []),
      ap[c] ?? null,
      facts.training.positives[c]!,
      positives[c]!,
      negatives[c]!,
      best?.threshold ?? null,
      best?.precision ?? null,
      best?.recall ?? null,
      best?.f1 ?? null,
      half?.f1 ?? null,
      ...(withIds ? [id] : []),
    ];
  });
  const which = `${weights === "ema" ? "averaged" : "raw"} weights, epoch ${epoch + 1}`;
  const scored = ap.filter((value) => value !== null).length;
  return {
    id: "classes",
    title: "Classes",
    body: html`<p class="note">By the ${which}. ${scored} of ${counted(ids.length, "class has", "classes have")} an annotated positive and negative, and so an AP.</p>
<div class="beside">${figure(frequencyChart(data)!)}<div>
<h3>AP and thresholds</h3>
<p class="note">The threshold is the one with the best F1 on these very images, so it is optimistic; <code>csl evaluate --thresholds</code> chooses with cross-fitting.</p>
${dataTable({
  id: "class-table",
  caption: "Classes with AP and thresholds",
  columns: [
    { title: "class" },
    ...(groups ? [{ title: "group" }] : []),
    { title: "AP", kind: "fraction", digits: 1 },
    { title: "train positives", kind: "number" },
    { title: "val positives", kind: "number" },
    { title: "val negatives", kind: "number" },
    {
      title: "threshold",
      kind: "number",
      digits: 3,
      hint: "probability above which the class counts as found",
    },
    { title: "precision", kind: "fraction", digits: 0 },
    { title: "recall", kind: "fraction", digits: 0 },
    { title: "F1", kind: "fraction", digits: 1 },
    { title: "F1 at 0.5", kind: "fraction", digits: 1 },
    ...(withIds ? [{ title: "id" }] : []),
  ],
  rows,
  sort: { column: 1 + Number(groups !== undefined) },
})}</div></div>`,
  };
}

/** A dot for each class; undefined before the first validation. */
export function frequencyChart({ facts, validation }: ReportData): Chart | undefined {
  if (!validation) return undefined;
  const { names, groups } = facts.classes;
  const byGroup = new Map<string, DotGroup & { dots: { x: number; y: number; name: string }[] }>();
  for (const [c, ap] of validation.ap.entries()) {
    if (ap === null) continue;
    const name = groups?.[c] ?? "classes";
    const group = byGroup.get(name) ?? { name, dots: [] };
    byGroup.set(name, group);
    group.dots.push({ x: facts.training.positives[c]!, y: ap, name: names[c]! });
  }
  return scatterChart(
    { title: "AP by frequency", note: "A dot for each class." },
    {
      x: { label: "annotated positives in training", kind: "log" },
      y: { label: "AP", unit: "percent", from: 0, to: 1 },
      groups: [...byGroup.values()],
    },
  );
}
