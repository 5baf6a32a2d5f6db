import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readTrainingSettings } from "@csl/checkpoints";
import { CslError } from "@csl/internal/errors/csl-error";
import { findLearningRate, type RangeTest, type RangeTestTask } from "@csl/trainer";
import { startProgress } from "../../terminal/progress.js";
import type { Terminal } from "../../terminal/terminal.js";
import type { TrainOptions } from "./train-flags.js";

/** Something that was chosen for a person, as config.json has it under `choices`. */
export interface Choice {
  value: number | string;
  reason: string;
}

/** Where a range test finds nothing: the default of `--lr`. */
const fallback = 2e-4;
const steps = 100;

/** The rate that a range test finds, and why; the terminal is told. */
export async function chooseLearningRate(
  task: Omit<RangeTestTask, "steps" | "onProgress">,
  terminal: Terminal,
): Promise<{ lr: number; choice: Choice }> {
  const progress = startProgress(terminal, { label: "range test of the learning rate", unit: "steps" });
  const found = await findLearningRate({ ...task, steps, onProgress: (done) => progress(done, steps) });
  terminal.endStatus();
  const choice = described(found);
  terminal.info(`learning rate: ${choice.value}; ${choice.reason}`);
  return { lr: choice.value, choice };
}

function described({ lr, points }: RangeTest): { value: number; reason: string } {
  const rounded = (value: number): number => Number(value.toPrecision(3));
  const test = `a range test of ${points.length} steps from ${points[0]?.lr} to ${rounded(points.at(-1)?.lr ?? 0)}`;
  if (lr === undefined)
    return { value: fallback, reason: `the default, as the loss did not fall in ${test}` };
  return { value: rounded(lr), reason: `where the loss fell most steeply in ${test} (Smith 2017)` };
}

/** With `--lr auto`, a run that is continued has the rate that it began with. */
export async function withRecordedRate(options: TrainOptions): Promise<TrainOptions> {
  const { lr, resume } = options;
  if (lr !== "auto" || resume === undefined) return options;
  const { lr: recorded } = await readTrainingSettings(resume);
  if (typeof recorded === "number") return { ...options, lr: recorded };
  throw new CslError(
    "mismatch",
    `csl train: expected a checkpoint with its learning rate for --lr auto, got ${resume} without one. Give --lr a number.`,
  );
}

/** How the rate of a run that is continued was chosen, by the config.json beside its checkpoint; undefined for a given one. */
export async function earlierRateChoice({ resume, lr }: TrainOptions): Promise<Choice | undefined> {
  if (resume === undefined) return undefined;
  try {
    const { choices } = JSON.parse(await readFile(join(dirname(resume), "config.json"), "utf8")) as {
      choices?: { lr?: Choice };
    };
    return choices?.lr?.value === lr ? choices?.lr : undefined;
  } catch {
    return undefined; // the checkpoint was moved away from its run
  }
}
