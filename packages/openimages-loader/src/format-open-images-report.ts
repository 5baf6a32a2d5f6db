import { basename } from "node:path";
import { formatLabelReport, type LabelReport } from "./label-files/label-report.js";
import type { OpenImagesReport } from "./open-images-options.js";
import type { ProcessedCsv } from "./processed/processed-split.js";

/** What {@link readOpenImages} took and met, for a person: a line for everything worth knowing. */
export function formatOpenImagesReport(report: OpenImagesReport): string {
  const { form, files, labels, hierarchy, notes } = report;
  const used = Object.values(files).map((path) => basename(path));
  const lines = [
    form === "official" ? `OpenImages' own files: ${used.join(", ")}` : `The reference's ${used.join(", ")}`,
    isLabelReport(labels) ? formatLabelReport(labels) : formatProcessed(labels),
  ];
  if (hierarchy) {
    const { added, contradictions } = hierarchy;
    lines.push(
      `The hierarchy added ${count(added.positives)} positives and ${count(added.negatives)} negatives; ${count(contradictions)} cells it implies both ways`,
    );
  }
  return [...lines, ...notes].join("\n");
}

const isLabelReport = (labels: OpenImagesReport["labels"]): labels is LabelReport => "bySource" in labels;

function formatProcessed(report: ProcessedCsv["report"]): string {
  const { rows, repeatedImages, contradictions, unknownClasses, badRows, index } = report;
  const lines = [`${count(rows)} rows`];
  if (repeatedImages > 0) lines.push(`${count(repeatedImages)} images are listed again`);
  if (contradictions > 0) lines.push(`${count(contradictions)} contradictory cells are left un-annotated`);
  if (unknownClasses.rows > 0) {
    lines.push(
      `${count(unknownClasses.rows)} labels of ${count(unknownClasses.classes)} classes outside the class list`,
    );
  }
  for (const { path, line, reason } of badRows.examples.slice(0, 5))
    lines.push(`left out ${path}:${line}: ${reason}`);
  if (badRows.count > 5) lines.push(`left out ${count(badRows.count)} rows in all`);
  if (index?.note) lines.push(index.note);
  return lines.join("\n");
}

const count = (n: number): string => n.toLocaleString("en-US");
