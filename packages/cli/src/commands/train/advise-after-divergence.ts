import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { SettledOptions } from "./train-flags.js";

/**
 * What helps after a number that is not finite, in words for the terminal. The same command would come to the same step
 * again, so it never is "the same command continues".
 *
 * @param last the newest checkpoint of the run, which is from before that step; undefined where there is none.
 * @param continuedBy the command that the training is a step of: it takes a rate, and begins the step again with it.
 */
export function adviseAfterDivergence(
  { lr, precision }: Pick<SettledOptions, "lr" | "precision">,
  last: string | undefined,
  continuedBy?: string,
): string {
  const lower = `--lr ${Number((lr / 10).toPrecision(2))}`;
  const float = precision === "float32" ? "" : " --precision float32";
  if (continuedBy)
    return `the training diverged, and the same command would diverge at the same step. Run ${continuedBy} with a lower rate: ${lower}${float}; it begins this training again.`;
  const again = last
    ? `go on from the last checkpoint with a lower rate: --resume ${last} ${lower}${float} --allow-changes; or start a new ` +
      `run from the best weights: --model-path ${bestBeside(last)} ${lower}${float} and another --path-dest`
    : `start again with a lower rate: ${lower}${float} --overwrite (no checkpoint was written yet)`;
  return `the training diverged, and the same command would diverge at the same step. Either ${again}.`;
}

function bestBeside(last: string): string {
  const best = join(dirname(last), "best.safetensors");
  return existsSync(best) ? best : last;
}
