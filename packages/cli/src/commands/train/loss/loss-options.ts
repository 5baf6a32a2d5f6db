import { optionName, rowsOf } from "../../../flags/flag.js";
import { trainFlags } from "../train-flags.js";
import { type LossName, losses } from "./losses.js";

/** Options without those of losses and heads that are not trained: as configuration files, checkpoints and cards have them. */
export function withoutOtherLosses<Options extends { loss: LossName; head: string }>(
  options: Options,
): Options {
  const given = options as Readonly<Record<string, unknown>>;
  const others = new Set(
    rowsOf(trainFlags)
      .filter(([, { more }]) => {
        const { flag = "", values = [] } = more.onlyWith ?? {};
        return more.onlyWith && !values.includes(given[optionName(flag)] as string);
      })
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
