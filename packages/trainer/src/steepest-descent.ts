/** A step of a range test. */
export interface RangePoint {
  lr: number;
  /** Per image. */
  loss: number;
  /** Mean of the losses around it. */
  smoothed: number;
}

/** A loss that does not even fall to this share of where it began says nothing. */
const leastFall = 0.99;

/** Standard deviation of the smoothing, in steps. */
const width = 5;

/**
 * The losses of a range test, smoothed by a Gaussian over the steps before and after: an average of the past alone, as
 * fastai's, lags behind by many steps and finds a rate that is too high.
 */
export function smoothedPoints(steps: readonly { lr: number; loss: number }[]): RangePoint[] {
  return steps.map((step, i) => {
    let sum = 0;
    let weights = 0;
    for (const [j, { loss }] of steps.entries()) {
      const weight = Math.exp(-0.5 * ((j - i) / width) ** 2);
      sum += weight * loss;
      weights += weight;
    }
    return { ...step, smoothed: sum / weights };
  });
}

/**
 * The rate at which the smoothed loss falls most per factor of the rate. The first tenth of the planned steps and the last
 * five are left out: there the mean has few values, or the loss explodes.
 *
 * @returns undefined where the loss does not fall, or there are too few steps to say.
 * Source: fastai's lr_find with suggest_funcs=steep, but for the smoothing.
 */
export function steepestDescent(
  points: readonly RangePoint[],
  { planned }: { planned: number },
): number | undefined {
  const usable = points.slice(Math.floor(planned / 10), -5);
  const lowest = usable.reduce((least, { smoothed }) => Math.min(least, smoothed), Number.POSITIVE_INFINITY);
  if (usable.length === 0 || !(lowest < leastFall * usable[0]!.smoothed)) return undefined;
  let steepest = 0;
  let lr: number | undefined;
  for (let i = 0; i + 1 < usable.length; i++) {
    const [here, next] = [usable[i]!, usable[i + 1]!];
    const slope = (next.smoothed - here.smoothed) / Math.log(next.lr / here.lr);
    if (slope < steepest) {
      steepest = slope;
      lr = here.lr;
    }
  }
  return lr;
}
