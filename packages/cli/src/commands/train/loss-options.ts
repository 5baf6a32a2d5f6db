import { optionName, rowsOf } from "../../flags/flag.js";
import { type LossName, losses } from "./losses.js";
import { trainFlags } from "./train-flags.js";

/** Options without those of losses that are not trained: as configuration files, checkpoints and cards have them. */
export function withoutOtherLosses<Options extends { loss: LossName }>(options: Options): Options {
  const others = new Set(
    rowsOf(trainFlags)
      .filter(([, { more }]) => more.onlyWith && !more.onlyWith.values.includes(options.loss))
      .map(([name]) => optionName(name)),
  );
  return Object.fromEntries(Object.entries(options).filter(([name]) => !others.has(name))) as Options;
}

/** The options of the loss alone, by flag. */
export function optionsOfLoss(options: { loss: LossName }): [flag: string, value: unknown][] {
  return Object.keys(losses[options.loss].flags).flatMap((flag): [string, unknown][] => {
    const value = (options as Record<string, unknown>)[optionName(flag)];
    return value === undefined ? [] : [[flag, value]];
  });
}
