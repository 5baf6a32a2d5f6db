import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readTrainingSettings } from "@csl/checkpoints";
import { CslError } from "@csl/internal/errors/csl-error";
import { flagName } from "../../flags/flag.js";
import type { ChosenLoss, TrainOptions } from "./train-flags.js";

/** Something that was chosen for a person, as config.json has it under `choices`. */
export interface Choice {
  value: number | string;
  reason: string;
}

/** By option. */
export type Choices = Partial<Record<"lr" | "classWeights" | keyof ChosenLoss, Choice>>;

const choosable = ["lr", "partialLossMode", "priorThreshold", "likelihoodTopk"] as const;

/** A run that is continued has, in the place of each `auto`, what it began with. */
export async function withRecordedChoices(options: TrainOptions): Promise<TrainOptions> {
  const { resume } = options;
  const open = choosable.filter((name) => options[name] === "auto");
  if (resume === undefined || open.length === 0) return options;
  const recorded = await readTrainingSettings(resume);
  const mode = options.partialLossMode === "auto" ? recorded.partialLossMode : options.partialLossMode;
  // Settings of selective mode are recorded with that mode only, and mean nothing with another.
  const needed = open.filter((name) => mode === "selective" || name === "lr" || name === "partialLossMode");
  const missing = needed.find((name) => recorded[name] === undefined);
  if (missing !== undefined)
    throw new CslError(
      "mismatch",
      `csl train: expected a checkpoint that says what --${flagName(missing)} auto was, got ${resume}, which does not. Give --${flagName(missing)} a value.`,
    );
  return { ...options, ...Object.fromEntries(needed.map((name) => [name, recorded[name]])) };
}

/**
 * What was chosen when a run that is continued began, and is so still, by the config.json beside its checkpoint; nothing for
 * values that a person gave.
 */
export async function earlierChoices(options: TrainOptions): Promise<Choices> {
  const { resume } = options;
  if (resume === undefined) return {};
  try {
    const text = await readFile(join(dirname(resume), "config.json"), "utf8");
    const { choices = {} } = JSON.parse(text) as { choices?: Choices };
    return Object.fromEntries(
      choosable.flatMap((name) => {
        const choice = choices[name];
        return choice && choice.value === options[name] ? [[name, choice]] : [];
      }),
    );
  } catch {
    return {}; // the checkpoint was moved away from its run
  }
}
