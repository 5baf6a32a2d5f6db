import { join } from "node:path";
import { frequencyChart, frequencyTable, type Scheme, saveSimulation, simulate } from "@csl/coco-simulation";
import { lockFile } from "@csl/internal/files/file-lock";
import sharp from "sharp";
import { openDataset } from "../data/open-dataset.js";
import { schemeOf } from "../data/simulated-labels.js";
import { registerFonts } from "../drawing/fonts.js";
import { writeWhole } from "../files/write-json.js";
import { type Context, defineCommand } from "../flags/command.js";
import { choice, folder, type OptionsOf, text } from "../flags/flag.js";
import { inputsOf } from "../flags/read-flags.js";
import { datasetFlags, overwriteFlag, schemeNames, simulationFlags } from "../flags/shared-flags.js";
import { claimOutputs, type Output } from "../outputs/claim-outputs.js";
import { outputKinds } from "../outputs/output-kinds.js";
import { signPng } from "../outputs/sign-png.js";

export const simulateFlags = {
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
    overwrite: overwriteFlag,
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
  const scheme = schemeOf("csl simulate", options.simulatePartialType, options.simulatePartialParam);
  const image = join(options.out, "class-frequencies.png");
  const lock = await lockFile(join(options.out, "simulation.lock"), { speaker: "csl simulate" });
  try {
    await claimOutputs("csl simulate", simulationFiles(options.out, image), {
      inputs: inputsOf(simulateFlags, options),
      overwrite: options.overwrite,
    });
    await simulateInto(options, scheme, image, { terminal, signal });
  } finally {
    await lock.release();
  }
}

async function simulateInto(
  options: OptionsOf<typeof simulateFlags>,
  scheme: Scheme,
  image: string,
  { terminal, signal }: Context,
): Promise<void> {
  const dataset = await openDataset(options, terminal, { signal });
  const { truth, areas } = await dataset.split(options.split);
  signal.throwIfAborted();
  const simulation = simulate(truth, scheme, { seed: options.seed, ...(areas && { areas }) });
  await saveSimulation(options.out, simulation);
  const subtitle = `${scheme.name}, seed ${options.seed}`;
  await registerFonts();
  const svg = frequencyChart(truth, simulation.table, { subtitle });
  const png = await sharp(Buffer.from(svg), { density: 144 }).png().toBuffer();
  await writeWhole(image, signPng(png, "csl simulate"));
  terminal.print(frequencyTable(truth, simulation.table));
  const { hash } = simulation.manifest;
  terminal.print(
    `${scheme.name}, seed ${options.seed}, hash ${hash.slice(0, 12)}: ${options.out}\nclass frequencies: ${image}`,
  );
}

/** What the command writes, as `saveSimulation` names it, and the chart. */
function simulationFiles(out: string, image: string): Output[] {
  const flag = "--out";
  return [
    { path: join(out, "labels.csl"), flag, kind: outputKinds.labels },
    { path: join(out, "simulation.json"), flag, kind: outputKinds.simulation },
    { path: image, flag, kind: outputKinds.frequencyChart },
  ];
}
