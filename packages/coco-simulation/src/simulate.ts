import { mulberry32 } from "@csl/internal/random/mulberry32";
import { Label, type LabelTable } from "@csl/labels";
import type { Scheme } from "./scheme.js";

/** How a simulation came about, and the hashes that tie it to its truth and its labels. */
export interface SimulationManifest {
  scheme: string;
  params: Readonly<Record<string, number>>;
  seed: number;
  /** `LabelTable.hash()` of the truth and of the simulated table. */
  truthHash: string;
  hash: string;
}

export interface Simulation {
  table: LabelTable;
  manifest: SimulationManifest;
}

/**
 * Forgets labels of `truth` by a scheme. The same truth, scheme and seed give the same table, bit for bit, on every
 * machine; save it with `saveSimulation`, so that the prior is estimated on the labels that are trained on later.
 *
 * @param options.seed a whole number from 0 to 2^32 - 1
 */
export function simulate(
  truth: LabelTable,
  scheme: Scheme,
  { seed, areas }: { seed: number; areas?: Float32Array | undefined },
): Simulation {
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) {
    throw new Error(
      `simulate: expected a seed that is a whole number from 0 to 2^32 - 1, got ${String(seed)}.`,
    );
  }
  const table = scheme.apply(truth, { random: mulberry32(seed), areas });
  if (table.defaultLabel !== Label.Unannotated || table.numSamples !== truth.numSamples) {
    throw new Error(
      `simulate: expected scheme ${scheme.name} to return ${truth.numSamples} samples with un-annotated as default, ` +
        `got ${table.numSamples} with ${table.defaultLabel}.`,
    );
  }
  const { name, params } = scheme;
  return { table, manifest: { scheme: name, params, seed, truthHash: truth.hash(), hash: table.hash() } };
}
