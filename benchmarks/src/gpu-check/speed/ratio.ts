import type { CaseResult } from "./case-result.js";
import { type Contestant, contestants } from "./contestants.js";
import type { Task } from "./speed-cases.js";

/** Our best over PyTorch's best, at least. */
export const goals: Readonly<Record<Task, number>> = { train: 1, infer: 1.2 };

/** The fastest of a side in a case; undefined where none was measured. */
export function best({ measured }: CaseResult, side: Contestant["side"]): number | undefined {
  const speeds = contestants.flatMap(({ name, side: of }) => {
    const speed = of === side ? measured[name]?.imagesPerSecond : undefined;
    return speed === undefined ? [] : [speed];
  });
  return speeds.length > 0 ? Math.max(...speeds) : undefined;
}

/** Our best over PyTorch's best; undefined where one of the two is missing. */
export function ratio(result: CaseResult): number | undefined {
  const [ours, theirs] = [best(result, "ours"), best(result, "PyTorch")];
  return ours === undefined || theirs === undefined ? undefined : ours / theirs;
}
