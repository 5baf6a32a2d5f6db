import { createRequire } from "node:module";

/**
 * Gives `node:util` back the two functions that tfjs-node 4.22 calls and Node 23 removed
 * (tensorflow/tfjs#8425, merged but never released). Must run before tfjs-node is loaded. Idempotent.
 */
export function restoreNodeUtil(): void {
  const util = createRequire(import.meta.url)("node:util") as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown): boolean => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}
