import type { EngineReport } from "./list-engines.js";

/** The reports as a table for a terminal: one line an engine, its hint below it. The first available one is marked. */
export function formatEngines(reports: readonly EngineReport[]): string {
  const width = Math.max(...reports.map(({ name }) => name.length));
  const taken = reports.find(({ available }) => available)?.name;
  const lines = reports.flatMap(({ name, available, detail, hint }) => {
    const mark = name === taken ? "→" : available ? "✓" : "·";
    const line = `${mark} ${name.padEnd(width)}  ${detail}`;
    return hint && !available ? [line, `  ${" ".repeat(width)}  to get it: ${hint}`] : [line];
  });
  return [...lines, "", "→ taken by default   ✓ available   · not on this machine"].join("\n");
}
