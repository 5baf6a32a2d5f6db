import type { Line } from "./finished-lines.js";
import type { LossLine } from "./loss-lines.js";

/** Mean ± standard deviation over the seeds, a row for each loss or setting, a column for each scheme, as Markdown. */
export function formatTable(
  done: readonly Line[],
  {
    schemes,
    lines,
  }: { schemes: readonly string[]; lines: readonly { name: string; flags?: LossLine["flags"] }[] },
): string {
  const rows = lines.map(({ name, flags }) => [
    name,
    ...schemes.map((scheme) => summary(done.filter((line) => line.scheme === scheme && line.name === name))),
    ...(flags ? [`\`csl train ${flags.join(" ")}\``] : []),
  ]);
  const head = ["loss", ...schemes, ...(lines.some(({ flags }) => flags) ? ["command"] : [])];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function summary(lines: readonly Line[]): string {
  if (lines.length === 0) return "";
  const scores = lines.flatMap(({ mapC }) => (mapC === null ? [] : [mapC]));
  if (scores.length === 0) return "refused";
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0);
  const deviation = scores.length > 1 ? ` ± ${Math.sqrt(squares / (scores.length - 1)).toFixed(1)}` : "";
  return `${mean.toFixed(1)}${deviation} (${scores.length})`;
}
