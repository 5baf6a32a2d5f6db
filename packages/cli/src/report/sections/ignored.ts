import { dataTable } from "../../pages/data-table.js";
import { html } from "../../pages/html.js";
import type { Section } from "../../pages/page.js";
import { percent } from "../../terminal/format.js";
import type { ReportData } from "../report-data.js";

const modes: Record<string, string> = {
  negative: "This loss counts every un-annotated entry as absent and ignores none.",
  ignore: "This loss ignores every un-annotated entry.",
};

/** What became of un-annotated entries in training, and why. */
export function ignoredSection({ facts, ignored }: ReportData): Section {
  const { loss, classes, prior } = facts;
  const frame = { id: "ignored", title: "Ignored entries" };
  if (!ignored) {
    const why =
      loss.name === "csl"
        ? (modes[loss.mode] ?? "This loss weighs un-annotated entries and selects none of them.")
        : `The loss ${loss.name} does not select un-annotated entries by class.`;
    return { ...frame, body: html`<p>${why}</p>` };
  }
  const { seen, byPrior, byLikelihood, every } = ignored;
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  const all = sum(seen);
  const share = (count: number): string => (all === 0 ? "–" : `${percent(count / all)} %`);
  const rows = classes.names.map((name, c) => {
    const of = (count: number): number | null => (seen[c] === 0 ? null : count / seen[c]!);
    return [
      name,
      seen[c]!,
      of(byPrior[c]!),
      of(byLikelihood[c]!),
      ...(prior ? [prior[c] ?? null] : []),
      reason(c),
    ];
  });
  return {
    ...frame,
    body: html`<p>Of ${all} un-annotated entries ${every > 1 ? `(counted in one of ${every} batches) ` : ""}CSL ignored ${share(sum(byPrior))} because their class is frequent by the prior${
      prior ? ` (above ${loss.priorThreshold})` : " (none was given)"
    }, and ${share(sum(byLikelihood))} because they were among the likeliest${
      loss.topK === undefined ? "" : ` (${loss.topK} an image)`
    }. The others counted as absent.</p>
${dataTable({
  id: "ignored-table",
  caption: "Un-annotated entries that were ignored, by class",
  columns: [
    { title: "class" },
    { title: "un-annotated entries", kind: "number", digits: 0 },
    { title: "ignored by prior", kind: "fraction" },
    { title: "ignored by likelihood", kind: "fraction" },
    ...(prior ? [{ title: "prior", kind: "fraction" } as const] : []),
    { title: "mostly because" },
  ],
  rows,
  sort: { column: 3, descending: true },
})}`,
  };

  function reason(c: number): string {
    if (seen[c] === 0) return "never un-annotated";
    if (byPrior[c]! > 0) return "frequent by the prior";
    if (byLikelihood[c]! > 0) return "among the likeliest of a batch";
    return "not ignored";
  }
}
