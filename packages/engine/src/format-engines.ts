import type { EngineReport } from "./list-engines.js";

/**
 * The reports as a table for a terminal: one line an engine, its hint below it. The one that is taken is marked.
 *
 * @param options.asked the engine asked for by name, as CSL_ENGINE does. Default: the first available one is taken.
 */
export function formatEngines(
  reports: readonly EngineReport[],
  { asked = "" }: { asked?: string | undefined } = {},
): string {
  const width = Math.max(...reports.map(({ name }) => name.length));
  const taken = asked || reports.find(({ available }) => available)?.name;
  const lines = reports.flatMap(({ name, available, detail, hint }) => {
    const mark = !available ? "·" : name === taken ? "→" : "✓";
    const line = `${mark} ${name.padEnd(width)}  ${detail}`;
    return hint && !available ? [line, `  ${" ".repeat(width)}  to get it: ${hint}`] : [line];
  });
  const ofOrder = "Fastest first for large networks; for small ones tfjs-node comes after wasm.";
  const isThere = reports.some(({ name, available }) => name === asked && available);
  const ofChoice =
    asked === ""
      ? "CSL_ENGINE=name takes another one."
      : isThere
        ? `CSL_ENGINE asks for ${asked}.`
        : `CSL_ENGINE asks for ${asked}, which is not on this machine: unset it, or get it.`;
  return [...lines, "", `→ taken   ✓ available   · not on this machine`, ofOrder, ofChoice].join("\n");
}
