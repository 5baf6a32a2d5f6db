import { CslError } from "@csl/internal/errors/csl-error";
import type { Best, Classes, TrainingState } from "./training-state.js";

/** What `saveCheckpoint` writes into the metadata of a file. */
export interface OwnMetadata {
  classes?: Classes | undefined;
  config?: unknown;
  weights?: "raw" | "ema" | undefined;
  best?: Best | undefined;
  training?:
    | (Omit<TrainingState, "adam"> & {
        adamStep: number;
        adamSkipped?: Record<string, number>;
      })
    | undefined;
}

/**
 * Parses and checks the metadata of a checkpoint of ours: they may be damaged, or changed by hand.
 *
 * @throws CslError `invalid-file` naming the file, the entry and what it must be.
 */
export function parseOwnMetadata(
  speaker: string,
  path: string,
  metadata: Readonly<Record<string, string>>,
  { stateOnly }: { stateOnly: boolean },
): OwnMetadata {
  const parsed = (key: string, expected: string, isOne: (value: unknown) => boolean): unknown => {
    const text = metadata[key];
    if (text === undefined) return undefined;
    let cause: unknown;
    try {
      const value: unknown = JSON.parse(text);
      if (isOne(value)) return value;
    } catch (error) {
      cause = error;
    }
    throw new CslError(
      "invalid-file",
      `${speaker}: ${path}: expected ${expected} under "${key}" in the metadata, got ${text.slice(0, 40)}. Was the file changed?`,
      { cause },
    );
  };
  const { weights } = metadata;
  if (weights !== undefined && weights !== "raw" && weights !== "ema")
    throw new CslError(
      "invalid-file",
      `${speaker}: ${path}: expected "raw" or "ema" under "weights" in the metadata, got ${weights.slice(0, 40)}.`,
    );
  return {
    classes: parsed("classes", "ids and names of classes", isClasses) as OwnMetadata["classes"],
    config: parsed("config", "JSON", () => true),
    weights,
    best: parsed("best", "the validation that it won", isBest) as OwnMetadata["best"],
    training: stateOnly
      ? undefined
      : (parsed("training", "the state of a training", isTraining) as OwnMetadata["training"]),
  };
}

function isClasses(value: unknown): boolean {
  const { ids, names } = (value ?? {}) as { ids?: unknown; names?: unknown };
  const isTexts = (list: unknown): list is string[] =>
    Array.isArray(list) && list.every((entry) => typeof entry === "string");
  return isTexts(ids) && (names === undefined || (isTexts(names) && names.length === ids.length));
}

function isBest(value: unknown): boolean {
  const { score, epoch } = (value ?? {}) as Record<string, unknown>;
  return typeof score === "number" && Number.isSafeInteger(epoch);
}

function isTraining(value: unknown): boolean {
  const { progress, adamStep, emaUpdates, settings } = (value ?? {}) as Record<string, unknown>;
  const isCount = (count: unknown): boolean => Number.isSafeInteger(count) && (count as number) >= 0;
  const isObject = (entry: unknown): boolean =>
    typeof entry === "object" && entry !== null && !Array.isArray(entry);
  return isObject(progress) && isCount(adamStep) && isCount(emaUpdates) && isObject(settings);
}
