// Our side of a case: a line of JSON on stdin is a question (job.ts), its answer a line on stdout.
//
//   csl-worker.ts DEVICE PRECISION
import { createInterface } from "node:readline";
import type { TorchMemory } from "@csl/tfjs-backend-torch";
import * as tf from "@tensorflow/tfjs";
import { startDevice } from "../device.js";
import { inference } from "./csl-inference.js";
import { training } from "./csl-training.js";
import type { Job, Question } from "./job.js";
import type { Repetitions } from "./repetitions.js";

const [device, precision] = process.argv.slice(2);
const { version } = await startDevice(device!, { precision: precision as Job["precision"] });

const warmUp = 5;
let current: Repetitions | undefined;

async function answer(question: Question): Promise<unknown> {
  if ("run" in question) {
    const ms = await timed(question.run);
    return { ms, peakBytes: (tf.memory() as unknown as TorchMemory).cuda?.peak ?? null };
  }
  await current?.end();
  current = (question.prepare.task === "train" ? training : inference)(question.prepare);
  await timed(warmUp);
  return { ms: (await timed(3)) / 3, version };
}

async function timed(count: number): Promise<number> {
  const start = performance.now();
  await current!.run(count);
  return performance.now() - start;
}

for await (const line of createInterface({ input: process.stdin })) {
  const result = await answer(JSON.parse(line) as Question).catch(({ message }: Error) => ({
    error: message,
  }));
  console.log(JSON.stringify(result));
}
process.exit();
