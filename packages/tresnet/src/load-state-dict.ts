import { CslError } from "@csl/internal/errors/csl-error";
import type { StateTensor } from "@csl/internal/tensors/state-dict";

/** What became of each tensor of a checkpoint and of a model. Nothing but `loaded` means a complete load. */
export interface LoadReport {
  /** Keys of the tensors that were taken. */
  loaded: string[];
  /** Keys of the model that the checkpoint does not have; the model's tensors stay as they were. */
  missing: string[];
  /** Keys of the network in the checkpoint that the model does not have. */
  unexpected: string[];
  /** Keys of both, of different shapes; the model's tensors stay as they were. */
  mismatched: { key: string; expected: number[]; got: number[] }[];
  /** Keys of the checkpoint outside of the network, as they are there: a criterion, the counter of an average. */
  beside: string[];
}

/** Compares a state-dict with the expected keys and shapes. A missing step counter is accepted: nothing reads it. */
export function compareStateDict(
  state: ReadonlyMap<string, { readonly shape: readonly number[] }>,
  expected: ReadonlyMap<string, number[]>,
): LoadReport {
  const report: LoadReport = { loaded: [], missing: [], unexpected: [], mismatched: [], beside: [] };
  for (const [key, shape] of expected) {
    const got = state.get(key)?.shape;
    if (!got) {
      if (!isCounter(key)) report.missing.push(key);
    } else if (sameShape(got, shape) || (isCounter(key) && got.every((n) => n === 1)))
      report.loaded.push(key);
    else report.mismatched.push({ key, expected: shape, got: [...got] });
  }
  for (const key of state.keys()) if (!expected.has(key)) report.unexpected.push(key);
  return report;
}

/** @throws CslError `mismatch` unless state-dict and model fit, naming the first few differences of each kind. */
export function requireComplete({ missing, unexpected, mismatched }: LoadReport): void {
  const parts = [
    summarize("missing", missing),
    summarize("unexpected", unexpected),
    summarize(
      "of another shape",
      mismatched.map(({ key, expected, got }) => `${key} [${got}] for [${expected}]`),
    ),
  ].filter((part) => part !== "");
  if (parts.length > 0)
    throw new CslError(
      "mismatch",
      `loadStateDict: expected exactly the model's tensors, got ${parts.join("; ")}. ` +
        "Build the model that detectTResNet() finds, or pass { strict: false }.",
    );
}

/** @throws CslError on a tensor of too few values or on a value that is not finite. */
export function requireFinite(state: ReadonlyMap<string, StateTensor>): void {
  for (const [key, { data, shape }] of state) {
    const size = shape.reduce((a, b) => a * b, 1);
    if (data.length !== size)
      throw new CslError(
        "mismatch",
        `loadStateDict: expected ${key} [${shape}] to have ${size} values, got ${data.length}.`,
      );
    for (let i = 0; i < data.length; i++)
      if (!Number.isFinite(data[i]!))
        throw new CslError(
          "not-finite",
          `loadStateDict: expected finite values, got ${data[i]} in ${key}. Is the file damaged?`,
        );
  }
}

const shown = 3;

function summarize(what: string, items: readonly string[]): string {
  if (items.length === 0) return "";
  const more = items.length > shown ? `, and ${items.length - shown} more` : "";
  return `${items.length} ${what} (${items.slice(0, shown).join(", ")}${more})`;
}

/** The step counters of the norms. */
export function isCounter(key: string): boolean {
  return key.endsWith(".num_batches_tracked");
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}
