import { figure } from "../../pages/charts/chart.js";
import { heatMap } from "../../pages/charts/heat-map.js";
import { dataTable } from "../../pages/data-table.js";
import { html } from "../../pages/html.js";
import type { Section } from "../../pages/page.js";
import type { ReportData } from "../report-data.js";

/** Classes of the map: more cannot be read. */
const MAPPED = 14;

/** Which classes are found where others are. */
export function confusionSection({ facts, validation }: ReportData): Section | undefined {
  if (!validation) return undefined;
  const { names } = facts.classes;
  const { confused, positives } = validation;
  const frame = { id: "confusion", title: "Confusion" };
  if (confused.length === 0)
    return {
      ...frame,
      body: html`<p>No class is found (probability above 0.5) where it is not annotated as present.</p>`,
    };
  const weights = new Map<number, number>();
  for (const { present, found, wrong, unannotated } of confused)
    for (const c of [present, found]) weights.set(c, (weights.get(c) ?? 0) + wrong + 0.01 * unannotated);
  const mapped = [...weights.entries()]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAPPED)
    .map(([c]) => c)
    .sort((a, b) => positives[b]! - positives[a]!);
  const shareOf = new Map(
    confused.map(({ present, found, wrong, unannotated }) => [
      `${present} ${found}`,
      (wrong + unannotated) / Math.max(1, positives[present]!),
    ]),
  );
  return {
    ...frame,
    body: html`<p class="note">Which class is found (probability above 0.5, the three likeliest of an image) where another one is annotated as present: they occur together, or look alike. “Instead”: the present class itself is not found.</p>
<div class="beside">${figure(
      heatMap(
        { title: "Found where another class is present", note: "Share of the images of the row's class." },
        {
          rows: mapped.map((c) => names[c]!),
          columns: mapped.map((c) => names[c]!),
          values: mapped.map((row) => mapped.map((column) => shareOf.get(`${row} ${column}`) ?? 0)),
        },
      ),
    )}
${dataTable({
  id: "confusion-table",
  caption: "Pairs of classes",
  columns: [
    { title: "where this is present" },
    { title: "this is found" },
    { title: "annotated absent", kind: "number", digits: 0 },
    { title: "un-annotated", kind: "number", digits: 0 },
    { title: "instead", kind: "number", digits: 0 },
    { title: "of images", kind: "number", digits: 0 },
    { title: "share", kind: "fraction", digits: 1 },
  ],
  rows: confused.map(({ present, found, wrong, unannotated, instead }) => [
    names[present]!,
    names[found]!,
    wrong,
    unannotated,
    instead,
    positives[present]!,
    (wrong + unannotated) / Math.max(1, positives[present]!),
  ]),
})}</div>`,
  };
}
