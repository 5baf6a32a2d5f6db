import { csvLine } from "@csl/internal/csv/csv-line";
import type { ClassMetrics } from "../ranking/class-metrics.js";
import type { BucketMap } from "./class-groups.js";
import type { ProtocolResult } from "./compare-protocols.js";

/**
 * The comparison as a Markdown table: one line a protocol, in percent, with the groups and what the reader must know
 * below it.
 */
export function formatProtocols(results: readonly ProtocolResult[]): string {
  const rows = results.map(({ protocol, score, mapC, mapO, chance, validClasses, uncertainty }) => [
    protocol.name,
    protocol.options.unannotated === "negative" ? "absent" : "left out",
    protocol.options.interpolation ?? (protocol.options.ties === "rank" ? "rank" : "step"),
    emptyClassWords[protocol.options.emptyClass ?? "skip"]!,
    percent(score) + (uncertainty > 5e-5 ? ` ± ${percent(uncertainty)}` : ""),
    percent(mapC),
    percent(mapO),
    percent(chance),
    String(validClasses),
  ]);
  const table = markdownTable([
    ["protocol", "un-annotated", "AP", "class counts", "score", "mAP(C)", "mAP(O)", "chance", "classes"],
    ...rows,
  ]);
  const groups = results
    .filter(({ groups }) => groups.length > 0)
    .map(({ protocol, groups }) => `- ${protocol.name}: ${groups.map(group).join(", ")}`);
  const notes = results.map(
    ({ protocol, notes }) => `- ${protocol.name}: ${[protocol.usedBy, ...notes].join("; ")}`,
  );
  return [table, ...(groups.length > 0 ? ["", "Groups:", "", ...groups] : []), "", ...notes].join("\n");
}

const emptyClassWords: Record<string, string> = {
  skip: "with both labels",
  "skip-without-positives": "with a positive",
  "skip-unlabelled": "with a label",
  zero: "always",
};

function group({ bucket, mapC, chance, validClasses }: BucketMap): string {
  return `${bucket} ${percent(mapC)} (chance ${percent(chance)}, ${validClasses} ${validClasses === 1 ? "class" : "classes"})`;
}

function percent(fraction: number | null): string {
  return fraction === null ? "-" : (100 * fraction).toFixed(2);
}

/** Columns padded to equal width, numbers to the right. */
function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const right = head.map((_, column) => column >= 4);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (right[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => (right[i] ? `${"-".repeat(width - 1)}:` : "-".repeat(width))).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** What is known about a class besides its number. */
type ClassInfo = { id: string; name: string; group?: string | undefined };

/**
 * One line a class, RFC 4180: id, name, AP (a fraction, empty when left out), annotated positives and negatives, why it
 * is left out, group. A name that a spreadsheet would run as a formula gets an apostrophe before it.
 */
export function perClassCsv(
  perClass: readonly ClassMetrics[],
  classInfo: (index: number) => ClassInfo,
): string {
  const rows = perClass.map(({ index, ap, positives, negatives, skipped }) => {
    const { id, name, group = "" } = classInfo(index);
    return [id, name, ap === null ? "" : String(ap), positives, negatives, skipped ?? "", group];
  });
  return [["id", "name", "ap", "positives", "negatives", "lacks", "group"], ...rows].map(csvLine).join("");
}
