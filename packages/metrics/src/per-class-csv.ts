import type { ClassMetrics } from "./class-metrics.js";

/** What is known about a class besides its number. */
export type ClassInfo = { id: string; name: string; group?: string | undefined };

/**
 * One line a class, RFC 4180: id, name, AP (a fraction, empty when left out), annotated positives and negatives, why it
 * is left out, group.
 */
export function perClassCsv(perClass: readonly ClassMetrics[], infoOf: (index: number) => ClassInfo): string {
  const rows = perClass.map(({ index, ap, positives, negatives, skipped }) => {
    const { id, name, group = "" } = infoOf(index);
    return [id, name, ap === null ? "" : String(ap), positives, negatives, skipped ?? "", group];
  });
  return [["id", "name", "ap", "positives", "negatives", "lacks", "group"], ...rows]
    .map((row) => `${row.map((cell) => quoted(String(cell))).join(",")}\n`)
    .join("");
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
