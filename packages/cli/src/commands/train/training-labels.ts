import { join } from "node:path";
import { loadSimulation, saveSimulation, schemeNamed, simulate } from "@csl/coco-simulation";
import type { Split } from "@csl/datasets";
import type { LabelTable } from "@csl/labels";
import type { Terminal } from "../../terminal/terminal.js";

interface TrainingLabelOptions {
  labels?: string;
  simulatePartialType?: string;
  simulatePartialParam: number;
  seed: number;
  pathDest: string;
}

export interface TrainingLabels {
  table: LabelTable;
  /** Saves a new simulation beside the run. To be called once the run has begun: a refused one must change nothing. */
  save(): Promise<void>;
}

/**
 * The labels that training sees: those of a saved simulation (`--labels`), a new simulation from the seed, to be
 * saved beside the run so that the next phase can see the same, or the full ones.
 */
export async function trainingLabels(
  split: Pick<Split, "truth" | "areas">,
  { labels, simulatePartialType, simulatePartialParam, seed, pathDest }: TrainingLabelOptions,
  terminal: Terminal,
): Promise<TrainingLabels> {
  if (labels) {
    const { table, manifest } = await loadSimulation(labels, { truth: split.truth });
    terminal.info(
      `labels: ${manifest.scheme} of ${labels}, seed ${manifest.seed}, hash ${manifest.hash.slice(0, 12)}`,
    );
    return { table, save: async () => {} };
  }
  if (!simulatePartialType) return { table: split.truth, save: async () => {} };
  const scheme = schemeNamed(simulatePartialType, simulatePartialParam);
  const { truth, areas } = split;
  const simulation = simulate(truth, scheme, { seed, ...(areas && { areas }) });
  const folder = join(pathDest, "labels");
  const { table, manifest } = simulation;
  terminal.info(
    `labels: ${scheme.name} with seed ${seed}, hash ${manifest.hash.slice(0, 12)}, go to ${folder}`,
  );
  return {
    table,
    save: async () => {
      await saveSimulation(folder, simulation);
    },
  };
}
