import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { mulberry32, type Random } from "@csl/internal/random/mulberry32";
import { Label, type LabelTable } from "@csl/labels";

export interface SchemeContext {
  /**
   * The only source of random numbers. Draws are taken in a fixed order (each scheme states it) over sample and class
   * positions, never over the order of a map or set: same truth and seed, same labels.
   */
  random: Random;
  /** Object areas in the order of the truth's stored cells, as `readCocoInstances` gives them. */
  areas?: Float32Array | undefined;
}

/** A way to forget labels: from a truth to a table whose default is un-annotated and that only holds true labels. */
export interface Scheme {
  readonly name: string;
  readonly params: Readonly<Record<string, number>>;
  apply(truth: LabelTable, context: SchemeContext): LabelTable;
}

/** How a simulation was made, and the hashes that tie it to its truth and its labels. */
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
 * @param options.areas as `readCocoInstances` gives them, for schemes that draw by the size of objects
 */
export function simulate(
  truth: LabelTable,
  scheme: Scheme,
  options: { seed: number; areas?: Float32Array | undefined },
): Simulation {
  checkOptions("simulate", options, { seed: true, areas: true });
  const { seed, areas } = options;
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) {
    throw new CslError(
      "invalid-argument",
      `simulate: expected a seed that is a whole number from 0 to 2^32 - 1, got ${String(seed)}.`,
    );
  }
  const table = scheme.apply(truth, { random: mulberry32(seed), areas });
  if (table.defaultLabel !== Label.Unannotated || table.numSamples !== truth.numSamples) {
    throw new CslError(
      "mismatch",
      `simulate: expected scheme ${scheme.name} to return ${truth.numSamples} samples with un-annotated as default, ` +
        `got ${table.numSamples} with ${table.defaultLabel}.`,
    );
  }
  const { name, params } = scheme;
  return { table, manifest: { scheme: name, params, seed, truthHash: truth.hash(), hash: table.hash() } };
}
