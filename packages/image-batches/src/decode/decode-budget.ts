import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes that large images may take while they are decoded and resized, over all threads of a pool. */
const BUDGET = 512 * 2 ** 20;
/** Images that take less are not counted: those of most data sets. */
const UNCOUNTED = 16 * 2 ** 20;
/** From so many bytes on, memory is collected at once: V8 does not count what a library allocated, and would wait for more. */
const COLLECTED = 128 * 2 ** 20;
const UNIT = 1024;

/**
 * What each thread of a pool uses of the budget, in kB, in memory that all share. A thread that dies is set to 0 by
 * whoever started it.
 */
export type BudgetCells = { cells: Int32Array; own: number };

let joined: BudgetCells = { cells: new Int32Array(1), own: 0 };

/** Shares the budget with the other threads of a pool; before, a thread has one for itself. */
export function joinBudget(shared: BudgetCells): void {
  joined = shared;
}

/**
 * Runs `work` once `bytes` more fit. What is larger than the whole budget runs alone. Waiting costs nothing but time:
 * the decoder's own limit begins with `work`.
 */
export async function withinBudget<T>(bytes: number, work: () => Promise<T>): Promise<T> {
  if (bytes < UNCOUNTED) return work();
  const { cells, own } = joined;
  const units = Math.ceil(bytes / UNIT);
  while (!take(cells, own, units)) await sleep(5 + 15 * Math.random()); // two that meet do not meet again
  try {
    return await work();
  } finally {
    if (bytes >= COLLECTED) collect();
    Atomics.sub(cells, own, units);
  }
}

let collector: (() => void) | undefined;

function collect(): void {
  if (!collector) {
    setFlagsFromString("--expose-gc");
    collector = runInNewContext("gc") as () => void;
  }
  collector();
}

/** Counts itself first and looks then, so that two threads at once can both step back, and never both go on. */
function take(cells: Int32Array, own: number, units: number): boolean {
  Atomics.add(cells, own, units);
  let used = 0;
  for (let i = 0; i < cells.length; i++) used += Atomics.load(cells, i);
  if (used <= BUDGET / UNIT || used === units) return true;
  Atomics.sub(cells, own, units);
  return false;
}
