import { CslError } from "@csl/internal/errors/csl-error";
import type { StateTensor } from "@csl/internal/tensors/state-dict";

/** What a checkpoint and a model do not share. Empty lists mean a complete load. */
export interface LoadReport {
  loaded: number;
  missing: string[];
  unexpected: string[];
  mismatched: { key: string; expected: number[]; got: number[] }[];
}

/** Keys without the `module.` that DataParallel puts before each. */
export function withoutModulePrefix<T>(state: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...state].map(([key, value]) => [key.replace(/^module\./, ""), value]));
}

/** Compares a state-dict with the expected keys and shapes. A missing step counter is accepted: nothing reads it. */
export function compareStateDict(
  state: ReadonlyMap<string, { readonly shape: readonly number[] }>,
  expected: ReadonlyMap<string, number[]>,
): LoadReport {
  const report: LoadReport = { loaded: 0, missing: [], unexpected: [], mismatched: [] };
  for (const [key, shape] of expected) {
    const got = state.get(key)?.shape;
    if (!got) {
      if (!isCounter(key)) report.missing.push(key);
    } else if (sameShape(got, shape) || (isCounter(key) && got.every((n) => n === 1))) report.loaded++;
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
