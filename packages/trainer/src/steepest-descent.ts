/** A step of a range test. */
export interface RangePoint {
  lr: number;
  /** Per image. */
  loss: number;
  /** Moving average of the losses so far, with weights 0.98^age. */
  smoothed: number;
}

/** A loss that does not even fall to this share of where it began says nothing. */
const leastFall = 0.99;

/** Weight of the past in the smoothed loss; fastai's. */
const memory = 0.98;

/** The losses of a range test with their moving averages, each divided by the sum of its weights. */
export function smoothedPoints(steps: readonly { lr: number; loss: number }[]): RangePoint[] {
  let average = 0;
  return steps.map(({ lr, loss }, i) => {
    average = memory * average + (1 - memory) * loss;
    return { lr, loss, smoothed: average / (1 - memory ** (i + 1)) };
  });
}

/**
 * The rate at which the smoothed loss falls most per factor of the rate. The first tenth of the planned steps and the last
 * five are left out: there the average has few values, or the loss explodes.
 *
 * @returns undefined where the loss does not fall, or there are too few steps to say.
 * Source: fastai's lr_find with suggest_funcs=steep.
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
