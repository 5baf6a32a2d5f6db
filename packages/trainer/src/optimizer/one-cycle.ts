import { checkOptions } from "@csl/internal/errors/check-options";
import { checkRange } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";

export interface OneCycleOptions {
  maxLr: number;
  /** Optimizer steps of the whole run. */
  totalSteps: number;
  /** Share of the steps in which the rate rises. */
  pctStart?: number;
  /** The first rate is maxLr / divFactor. */
  divFactor?: number;
  /** The last rate is maxLr / divFactor / finalDivFactor. */
  finalDivFactor?: number;
  /** beta1 goes from the second to the first while the rate rises, and back. */
  betaRange?: readonly [number, number];
}

/** Learning rate and beta1 of optimizer step `step`, which counts from 0 to totalSteps - 1. */
export type Schedule = (step: number) => { lr: number; beta1: number };

/**
 * The one-cycle policy with two cosine phases, equal to torch.optim.lr_scheduler.OneCycleLR on Adam, whose
 * cycle_momentum also moves beta1.
 *
 * @throws for a step outside the schedule: a run that is longer than its schedule is a mistake.
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  checkOptions("oneCycle", options, {
    maxLr: true,
    totalSteps: true,
    pctStart: true,
    divFactor: true,
    finalDivFactor: true,
    betaRange: true,
  });
  const { maxLr, totalSteps, pctStart = 0.2, divFactor = 25, finalDivFactor = 1e4 } = options;
  const [lowBeta, highBeta] = options.betaRange ?? [0.85, 0.95];
  checkRange("oneCycle", "maxLr, the learning rate,", maxLr, { above: 0 });
  checkRange("oneCycle", "divFactor", divFactor, { above: 0 });
  checkRange("oneCycle", "finalDivFactor", finalDivFactor, { above: 0 });
  checkRange("oneCycle", "betaRange", lowBeta, { from: 0, below: 1 });
  checkRange("oneCycle", "betaRange", highBeta, { from: 0, below: 1 });
  if (!Number.isInteger(totalSteps) || totalSteps < 1)
    throw new CslError(
      "invalid-argument",
      `oneCycle: expected a whole number of steps from 1 on, got ${totalSteps}.`,
    );
  checkRange("oneCycle", "pctStart", pctStart, { from: 0, to: 1 });
  const initialLr = maxLr / divFactor;
  const finalLr = initialLr / finalDivFactor;
  // May lie below 0 in a very short run: then the schedule starts on its way down, as torch's does.
  const peak = pctStart * totalSteps - 1;
  const last = totalSteps - 1;
  return (step) => {
    if (!Number.isInteger(step) || step < 0 || step > last)
      throw new CslError("invalid-argument", `oneCycle: expected a step from 0 to ${last}, got ${step}.`);
    if (step <= peak) {
      const share = peak === 0 ? 1 : step / peak;
      return { lr: cosine(initialLr, maxLr, share), beta1: cosine(highBeta, lowBeta, share) };
    }
    const share = last === peak ? 1 : (step - peak) / (last - peak);
    return { lr: cosine(maxLr, finalLr, share), beta1: cosine(lowBeta, highBeta, share) };
  };
}

function cosine(from: number, to: number, share: number): number {
  return to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
}
