import { deadlineOf } from "../report/budget.js";
import type { PartReport } from "../report/report.js";
import type { Context, Part } from "./part.js";

export interface RunOptions {
  /** Seconds for all parts together. */
  budget: number;
  /** Milliseconds that have passed since the run began. */
  elapsed: () => number;
  /** Called after each part with all reports so far. */
  onReport: (reports: readonly PartReport[]) => void;
}

/**
 * Runs parts one after the other, each until its deadline. A part that fails or runs out of time is reported as such, and the next one
 * begins.
 */
export async function runParts(
  parts: readonly Part[],
  context: Context,
  { budget, elapsed, onReport }: RunOptions,
): Promise<PartReport[]> {
  const reports: PartReport[] = [];
  for (const [i, part] of parts.entries()) {
    const began = elapsed();
    const left = 1000 * deadlineOf(parts, i, budget) - began;
    const broken =
      part.needsBinding && reports.find(({ name, status }) => name === "binding" && status !== "passed");
    context.log(`${part.name}, at most ${Math.max(0, left / 1000).toFixed(0)} s`);
    const outcome = broken
      ? ({ status: "left out", reason: "the binding was not compiled" } as const)
      : await outcomeOf(part, context, left);
    reports.push({ name: part.name, seconds: (elapsed() - began) / 1000, ...outcome });
    onReport(reports);
  }
  return reports;
}

async function outcomeOf(
  part: Part,
  context: Context,
  left: number,
): Promise<Omit<PartReport, "name" | "seconds">> {
  if (left <= 0) return { status: "left out", reason: "no time was left" };
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new Error("out of time")), left);
  try {
    const result = await part.run(context, stop.signal);
    return { status: result.failed ? "failed" : stop.signal.aborted ? "out of time" : "passed", ...result };
  } catch (error) {
    const status = stop.signal.aborted ? "out of time" : "failed";
    return { status, reason: (error as Error).message };
  } finally {
    clearTimeout(timer);
  }
}
