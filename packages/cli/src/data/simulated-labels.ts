import { join } from "node:path";
import { createScheme, loadSimulation, type Scheme, saveSimulation, simulate } from "@csl/coco-simulation";
import type { Split } from "@csl/datasets";
import { CslError } from "@csl/internal/errors/csl-error";
import type { LabelTable } from "@csl/labels";
import type { LabelOptions } from "../commands/train/train-flags.js";
import type { Terminal } from "../terminal/terminal.js";

/** Labels of a saved simulation (`--labels`), checked against the split that they were made from. */
export async function loadSimulatedLabels(
  folder: string,
  { truth }: Pick<Split, "truth">,
  terminal: Terminal,
): Promise<LabelTable> {
  const { table, manifest } = await loadSimulation(folder, { truth });
  terminal.info(
    `labels: ${manifest.scheme} of ${folder}, seed ${manifest.seed}, hash ${manifest.hash.slice(0, 12)}`,
  );
  return table;
}

/** The scheme that the flags describe. @throws CslError naming both flags, where they do not fit */
export function schemeOf(
  speaker: string,
  type: NonNullable<LabelOptions["simulatePartialType"]>,
  param: number,
): Scheme {
  try {
    return createScheme(type, param);
  } catch (cause) {
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected a --simulate-partial-param that fits --simulate-partial-type ${type}, got ${param}: ${(cause as Error).message}`,
      { cause },
    );
  }
}

export interface TrainingLabels {
  table: LabelTable;
  /** Saves a new simulation beside the run. To be called once the run has started: a refused one must change nothing. */
  save(): Promise<void>;
}

/**
 * The labels that training uses: those of a saved simulation (`--labels`), a new simulation from the seed, to be
 * saved beside the run so that the next phase can use the same, or the full ones.
 */
export async function trainingLabels(
  split: Pick<Split, "truth" | "areas">,
  { labels, simulatePartialType, simulatePartialParam, seed, pathDest }: LabelOptions & { pathDest: string },
  terminal: Terminal,
): Promise<TrainingLabels> {
  if (labels !== undefined)
    return { table: await loadSimulatedLabels(labels, split, terminal), save: async () => {} };
  if (!simulatePartialType) return { table: split.truth, save: async () => {} };
  const { truth, areas } = split;
  const scheme = schemeOf("csl train", simulatePartialType, simulatePartialParam);
  const simulation = simulate(truth, scheme, { seed, ...(areas && { areas }) });
  const folder = join(pathDest, "labels");
  const { table, manifest } = simulation;
  terminal.info(
    `labels: ${scheme.name} with seed ${seed}, hash ${manifest.hash.slice(0, 12)}, go to ${folder}`,
  );
  return { table, save: () => saveSimulation(folder, simulation) };
}
