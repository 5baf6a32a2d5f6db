// The process in which one engine is timed. Its argument is a TimingTask as JSON; its last line is the result.
import { startEngine } from "../start-engine.js";
import type { TimingResult, TimingTask } from "./time-engine.js";
import { type CreateTrainingStep, timeStep } from "./time-step.js";

const {
  engine: prefer,
  step: url,
  input,
  precision,
  threads,
  seconds,
} = JSON.parse(process.argv[2]!) as TimingTask;
const engine = await startEngine({ prefer, precision, threads });
const { default: createStep } = (await import(url)) as { default: CreateTrainingStep };
const milliseconds = await timeStep(await createStep(input), { seconds });
const result: TimingResult = {
  milliseconds,
  device: engine.device,
  version: engine.version,
  precision: engine.precision,
};
process.stdout.write(`\n${JSON.stringify(result)}\n`, () => process.exit(0));
