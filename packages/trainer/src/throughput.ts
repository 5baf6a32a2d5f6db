/** Speed and remaining time of a loop, smoothed over its last steps. */
export interface Throughput {
  /** Starts the clock of the next step, leaving out what went before (validation, checkpoints). */
  restart(): void;
  /** Ends a step of so many pictures and starts the next. */
  step(pictures: number, stepsLeft: number): { picturesPerSecond: number; secondsLeft: number };
}

/** @param now milliseconds, monotonic. */
export function createThroughput(now: () => number, { memory = 0.9 }: { memory?: number } = {}): Throughput {
  let begun = now();
  // Exponentially fading sums: the mean over roughly the last 1 / (1 - memory) steps.
  let steps = 0;
  let pictures = 0;
  let seconds = 0;
  return {
    restart() {
      begun = now();
    },
    step(count, stepsLeft) {
      const time = now();
      steps = memory * steps + 1;
      pictures = memory * pictures + count;
      seconds = memory * seconds + (time - begun) / 1000;
      begun = time;
      return {
        picturesPerSecond: seconds > 0 ? pictures / seconds : 0,
        secondsLeft: (seconds / steps) * stepsLeft,
      };
    },
  };
}
