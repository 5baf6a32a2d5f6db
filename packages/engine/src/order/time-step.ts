/** A training step that can be repeated. It ends when the device has computed it. */
export type TrainingStep = () => Promise<unknown>;

/** What the module of a step exports by default: makes the step on the engine that is running. */
export type CreateTrainingStep<Input = unknown> = (input: Input) => TrainingStep | Promise<TrainingStep>;

const LEAST = 3;
const MOST = 30;

/**
 * Milliseconds of a step: the median of at least three, and of as many as fit into `seconds`, after two that warm up. A first
 * step that already took longer than all of that is the answer itself.
 */
export async function timeStep(
  step: TrainingStep,
  { seconds, now = () => performance.now() }: { seconds: number; now?: () => number },
): Promise<number> {
  const once = async (): Promise<number> => {
    const started = now();
    await step();
    return now() - started;
  };
  const budget = 1000 * seconds;
  const first = await once();
  if (first > (LEAST + 2) * budget) return first;
  await once();
  const times: number[] = [];
  for (let sum = 0; times.length < LEAST || (sum < budget && times.length < MOST); ) {
    const time = await once();
    times.push(time);
    sum += time;
  }
  return times.sort((a, b) => a - b)[times.length >> 1]!;
}
