/** Speed and remaining time of a loop, smoothed over its last steps. */
export interface Throughput {
  /** Starts the clock of the next step, leaving out what went before (validation, checkpoints). */
  restart(): void;
  /** Ends a step of so many images and starts the next. */
  step(images: number, stepsLeft: number): { imagesPerSecond: number; secondsLeft: number };
}

/** @param now milliseconds, monotonic. */
export function createThroughput(now: () => number, { memory = 0.9 }: { memory?: number } = {}): Throughput {
  let started = now();
  // Exponentially fading sums: the mean over roughly the last 1 / (1 - memory) steps.
  let steps = 0;
  let images = 0;
  let seconds = 0;
  return {
    restart() {
      started = now();
    },
    step(count, stepsLeft) {
      const time = now();
      steps = memory * steps + 1;
      images = memory * images + count;
      seconds = memory * seconds + (time - started) / 1000;
      started = time;
      return {
        imagesPerSecond: seconds > 0 ? images / seconds : 0,
        secondsLeft: (seconds / steps) * stepsLeft,
      };
    },
  };
}
