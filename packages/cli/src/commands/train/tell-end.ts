import { join } from "node:path";
import type { Best } from "@csl/checkpoints";
import { isCslError } from "@csl/internal/errors/csl-error";
import { percent } from "../../terminal/format.js";
import type { Terminal } from "../../terminal/terminal.js";
import { adviseAfterDivergence } from "./advise-after-divergence.js";
import type { SettledOptions } from "./train-flags.js";

/** How a run ended. */
export interface RunEnd {
  best?: Best | undefined;
  stopped?: "aborted" | "failed" | "patience" | undefined;
  seconds: number;
}

interface Ended {
  options: SettledOptions;
  /** The command that the training is a step of, see `Context`. */
  continuedBy: string | undefined;
}

/** What there is now, and what continues it. */
export function tellEnd(
  { best, stopped }: RunEnd,
  terminal: Terminal,
  {
    options,
    unreadable,
    chance,
    continuedBy,
  }: Ended & { unreadable: number /** mAP(C) of a guess. */; chance: number | undefined },
): void {
  const { pathDest, patience } = options;
  if (unreadable > 0)
    terminal.info(
      `${unreadable === 1 ? "1 image" : `${unreadable} images`} could not be read; listed in ${join(pathDest, "result.json")}`,
    );
  if (best) {
    const weights = best.weights === "ema" ? "averaged weights" : "raw weights";
    terminal.print(
      `best mAP(C) ${percent(best.score)}${chance === undefined ? "" : ` (chance ${percent(chance)})`} with ${weights}, epoch ${best.epoch + 1}: ${join(pathDest, "best.safetensors")}`,
    );
  }
  if (stopped === "patience")
    terminal.print(
      `ended early: ${patience} ${patience === 1 ? "validation" : "validations"} without a better best (--patience)`,
    );
  if (stopped === "aborted")
    terminal.print(`stopped; ${continuation(join(pathDest, "last.safetensors"), continuedBy)}`);
}

/** What helps after an error, which says itself what it is. */
export function tellFailure(
  error: unknown,
  terminal: Terminal,
  {
    options,
    saved,
    continuedBy,
  }: Ended & { /** Whether there is a checkpoint of this process. */ saved: boolean },
): void {
  const last = saved ? join(options.pathDest, "last.safetensors") : options.resume;
  if (isCslError(error, "not-finite")) terminal.info(adviseAfterDivergence(options, last, continuedBy));
  else if (saved && last !== undefined)
    terminal.info(`the training ended with an error; ${continuation(last, continuedBy)}`);
}

function continuation(last: string, continuedBy: string | undefined): string {
  return continuedBy === undefined
    ? `the same command continues with --resume ${last}`
    : `the same ${continuedBy} continues it`;
}
