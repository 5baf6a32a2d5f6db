import { findLearningRate, type RangeTest, type RangeTestTask } from "@csl/trainer";
import { startProgress } from "../../terminal/progress.js";
import type { Terminal } from "../../terminal/terminal.js";
import type { Choice } from "./choices.js";

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
