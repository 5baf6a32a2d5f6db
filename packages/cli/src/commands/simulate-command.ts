import { join } from "node:path";
import { createScheme, frequencyChart, frequencyTable, saveSimulation, simulate } from "@csl/coco-simulation";
import sharp from "sharp";
import { openDataset } from "../data/open-dataset.js";
import { registerFonts } from "../drawing/fonts.js";
import { writeWhole } from "../files/write-json.js";
import { type Context, defineCommand } from "../flags/command.js";
import { choice, folder, type OptionsOf, text } from "../flags/flag.js";
import { datasetFlags, schemeNames, simulationFlags } from "../flags/shared-flags.js";

const simulateFlags = {
  "Data set": {
    ...datasetFlags,
    split: text("the split whose labels are dropped", { placeholder: "name", default: "train" }),
  },
  Simulation: {
    ...simulationFlags,
    "simulate-partial-type": choice(simulationFlags["simulate-partial-type"].description, schemeNames, {
      default: "fpc",
    }),
    out: folder("where labels, manifest and statistics go", {
      default: "./outputs/labels",
      writes: "folder",
    }),
  },
};

/** `csl simulate`: partial labels from full ones, saved with seed and hash, and what that does to each class. */
export const simulateCommand = defineCommand({
  name: "simulate",
  summary: "make partial labels from full ones: FPC, RPS and other schemes, seeded and saved",
  flags: simulateFlags,
  run: simulateLabels,
});

async function simulateLabels(
  options: OptionsOf<typeof simulateFlags>,
  { terminal, signal }: Context,
): Promise<void> {
  const scheme = createScheme(options.simulatePartialType, options.simulatePartialParam);
  const dataset = await openDataset(options, terminal, { signal });
  const { truth, areas } = await dataset.split(options.split);
  const simulation = simulate(truth, scheme, { seed: options.seed, ...(areas && { areas }) });
  await saveSimulation(options.out, simulation);
  const image = join(options.out, "class-frequencies.png");
  const subtitle = `${scheme.name}, seed ${options.seed}`;
  await registerFonts();
  const svg = frequencyChart(truth, simulation.table, { subtitle });
  await writeWhole(image, await sharp(Buffer.from(svg), { density: 144 }).png().toBuffer());
  terminal.print(frequencyTable(truth, simulation.table));
  const { hash } = simulation.manifest;
  terminal.print(
    `${scheme.name}, seed ${options.seed}, hash ${hash.slice(0, 12)}: ${options.out}\nclass frequencies: ${image}`,
  );
}
