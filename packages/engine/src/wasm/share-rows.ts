import type { KernelRunner } from "./kernel-runner.js";

/** Cuts `rows` into items: a few for every thread, none smaller than is worth handing out (about 16k numbers). */
export function shareRows(
  runner: KernelRunner,
  rows: number,
  rowSize: number,
): { items: number; rowsPerItem: number } {
  const least = Math.ceil(16384 / Math.max(1, rowSize));
  const rowsPerItem = Math.max(least, Math.ceil(rows / (4 * runner.threads)));
  return { items: Math.ceil(rows / rowsPerItem), rowsPerItem };
}
