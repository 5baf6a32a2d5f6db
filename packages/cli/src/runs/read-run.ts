import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { readText } from "@csl/internal/files/read-text";
import { parseJson } from "@csl/internal/json/parse-json";
import type { TrainOptions } from "../commands/train/train-flags.js";

/** What config.json of a run says, as far as it is used again. */
export type RunConfig = Partial<Omit<TrainOptions, "engine">> & { engine?: string };

/** A run of `csl train`, or a checkpoint by itself. */
export interface FoundRun {
  /** As it was named. */
  name: string;
  /** The best weights. */
  checkpoint: string;
  /** Undefined for a checkpoint without the files of its run. */
  folder: string | undefined;
  config: RunConfig | undefined;
}

/**
 * The run that a word names: its folder, or its best.safetensors; or any file of weights, about whose training nothing is
 * known.
 *
 * @throws CslError `not-found` naming what is missing and the way out.
 */
export async function readRun(speaker: string, name: string): Promise<FoundRun> {
  const found = await stat(name).catch(() => undefined);
  const expected = `${speaker}: expected a folder of csl train or a checkpoint`;
  if (!found)
    throw new CslError("not-found", `${expected}, got ${name}, which does not exist. Is the path right?`);
  const folder = found.isDirectory() ? name : dirname(name);
  const checkpoint = found.isDirectory() ? join(name, "best.safetensors") : name;
  if (found.isDirectory() && !(await stat(checkpoint).catch(() => undefined)))
    throw new CslError(
      "not-found",
      `${expected}, got ${name}, which has no best.safetensors: it is no run, or had no validation yet. ` +
        "In a folder of csl run, name that of a step: csl, negative or temporary.",
    );
  const own = found.isDirectory() || name.endsWith("best.safetensors") || name.endsWith("last.safetensors");
  const config = own ? await readConfig(join(folder, "config.json")) : undefined;
  return { name, checkpoint, folder: config ? folder : undefined, config };
}

async function readConfig(path: string): Promise<RunConfig | undefined> {
  if (!(await stat(path).catch(() => undefined))) return undefined;
  return parseJson(await readText(path)) as RunConfig;
}

/** What of a configuration says how data is read; where it lies may be given again. */
export function dataSettings({
  dataset,
  images,
  onMissing,
  cocoImages,
  machineLabels,
  machineThreshold,
  trainableOnly,
  minimumSupport,
  expandHierarchy,
  valShare,
  splitSeed,
}: RunConfig) {
  const all = {
    ...{ dataset, images, onMissing, cocoImages, machineLabels, machineThreshold },
    ...{ trainableOnly, minimumSupport, expandHierarchy, valShare, splitSeed },
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<
    typeof all
  >;
}
