import { join } from "node:path";
import { frequencyImage, frequencyTable, saveSimulation, schemeNamed, simulate } from "@csl/coco-simulation";
import sharp from "sharp";
import type { Context } from "../context.js";
import { writeWhole } from "../files/write-json.js";
import { datasetFlags } from "../flags/dataset-flags.js";
import type { Flag } from "../flags/flag.js";
import { type DatasetFlags, openDataset } from "../flags/open-dataset.js";

import { trainFlags } from "../flags/train-flags.js";
import { outlineSvgText } from "./infer/outline-svg-text.js";

export const simulateFlags: readonly Flag[] = [
  ...datasetFlags,
  ["--split <name>", "the split whose labels are thinned out", "train"],
  ...trainFlags.filter(([text]) => text.startsWith("--simulate-partial") || text.startsWith("--seed")),
  ["--out <folder>", "where labels, manifest and statistics go", "./outputs/labels"],
  ["-q, --quiet", "print results only", false],
];

interface SimulateOptions extends DatasetFlags {
  split: string;
  simulatePartialType?: string;
  simulatePartialParam: number;
  seed: number;
  out: string;
}

/** `csl simulate`: partial labels from full ones, saved with seed and hash, and what that does to each class. */
export async function simulateCommand(
  options: SimulateOptions,
  { terminal, signal }: Context,
): Promise<void> {
  const scheme = schemeNamed(options.simulatePartialType ?? "fpc", options.simulatePartialParam);
  const dataset = await openDataset(options, terminal, { signal });
  const { truth, areas } = await dataset.split(options.split);
  const simulation = simulate(truth, scheme, { seed: options.seed, ...(areas && { areas }) });
  await saveSimulation(options.out, simulation);
  const image = join(options.out, "class-frequencies.png");
  const subtitle = `${scheme.name}, seed ${options.seed}`;
  const svg = outlineSvgText(frequencyImage(truth, simulation.table, { subtitle }));
  await writeWhole(image, await sharp(Buffer.from(svg), { density: 144 }).png().toBuffer());
  terminal.print(frequencyTable(truth, simulation.table));
  const { hash } = simulation.manifest;
  terminal.print(
    `${scheme.name}, seed ${options.seed}, hash ${hash.slice(0, 12)}: ${options.out}\nclass frequencies: ${image}`,
  );
}
