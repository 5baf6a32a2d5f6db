import type { DataOptions, TrainOptions } from "./train-options.js";

/** What a number of a flag must be, in words and as a test. */
type Range = readonly [expected: string, holds: (value: number) => boolean];

const whole = (least: number, also = ""): Range => [
  `a whole number from ${least} on${also}`,
  (value) => Number.isSafeInteger(value) && value >= least,
];
const atLeastZero: Range = ["a number from 0 on", (value) => value >= 0];
const share: Range = ["a number of 0 to 1, 1 left out", (value) => value >= 0 && value < 1];

const ranges: { [Name in keyof TrainOptions]?: Range } = {
  workers: whole(0),
  imageSize: whole(1),
  batchSize: whole(1),
  imageTimeout: ["0 (for ever) to 400000 seconds", (value) => value >= 0 && value <= 400_000],
  lr: ["a number above 0", (value) => value > 0],
  epochs: whole(1),
  stopEpoch: whole(1),
  weightDecay: atLeastZero,
  clip: share,
  gammaPos: atLeastZero,
  gammaNeg: atLeastZero,
  gammaUnann: atLeastZero,
  emaDecay: share,
  accumulate: whole(1),
  validateEvery: whole(1),
  checkpointEvery: ["a whole number of steps, or 0 for after each epoch only", whole(0)[1]],
  seed: ["a whole number of 0 to 4294967295", (value) => whole(0)[1](value) && value < 2 ** 32],
};

/**
 * Numbers that would only fail after the labels are read, or that would be taken for something else.
 *
 * @throws naming the flag, what it may be, and what it is.
 */
export function requireRanges(command: string, options: Partial<DataOptions & TrainOptions>): void {
  for (const [name, [expected, holds]] of Object.entries(ranges)) {
    const value = options[name as keyof TrainOptions];
    if (value === undefined || holds(value as number)) continue;
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new Error(`${command}: expected --${flag} to be ${expected}, got ${value}.`);
  }
  const { epochs, stopEpoch } = options;
  if (epochs !== undefined && stopEpoch !== undefined && stopEpoch > epochs)
    throw new Error(
      `${command}: expected --stop-epoch to be at most --epochs, which is ${epochs}, got ${stopEpoch}. Raise --epochs.`,
    );
}
