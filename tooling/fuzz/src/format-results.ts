import type { FuzzResult } from "./run-fuzz.js";

/** A line per target, and below it the first faults with what tries them again. */
export function formatResults(results: readonly FuzzResult[], { seed }: { seed: number }): string {
  const row = (cells: readonly (string | number)[]): string =>
    cells.map((cell, i) => (i === 0 ? String(cell).padEnd(16) : String(cell).padStart(11))).join("");
  const lines = [
    row(["target", "inputs", "read", "refused", "raw errors", "hangs", "memory", "slowest s", "most MiB"]),
  ];
  for (const { target, tried, read, refused, faults, slowest, largest } of results) {
    const count = (kind: string): number => faults.filter((fault) => fault.kind === kind).length;
    const faulty = [count("raw error"), count("hang"), count("memory")];
    lines.push(row([target, tried, read, refused, ...faulty, slowest.toFixed(2), Math.round(largest)]));
    for (const { index, kind, what } of faults.slice(0, 10))
      lines.push(
        `  ${kind}: ${what.split("\n").slice(0, 4).join("\n    ")}`,
        `    again: pnpm fuzz --seed ${seed} --targets ${target} --from ${index} --count 1`,
      );
  }
  return lines.join("\n");
}
