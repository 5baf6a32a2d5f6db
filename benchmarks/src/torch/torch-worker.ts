// One engine on one task, for torch-benchmark.ts: a line on stdin is one repetition, its answer a line of JSON.
import { createInterface } from "node:readline";
import { startTorch } from "@csl/tfjs-backend-torch";
import * as tf from "@tensorflow/tfjs";
import { type Job, tasks } from "./torch-tasks.js";

const job = JSON.parse(process.argv[2]!) as Job;
const { version } = await startTorch({ precision: job.precision, threads: job.threads });
await tf.setBackend("torch");

const repeat = tasks[job.task]!(job);
// What is compiled at run time (V8's functions, graphs on the other side) is so after a few repetitions.
for (let i = 0; i < 3; i++) repeat();
console.log(JSON.stringify({ ready: version }));
for await (const _ of createInterface({ input: process.stdin })) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  repeat();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ ms, cpuMs: (user + system) / 1000, peakMb: peak }));
}
