import { setTimeout } from "node:timers/promises";
import { nodeArguments } from "../run-step.js";
import type { CaseResult } from "../speed/case-result.js";
import type { Contestant } from "../speed/contestants.js";
import { type Ask, measureCase } from "../speed/measure-case.js";
import { goals, ratio } from "../speed/ratio.js";
import { startPytorch } from "../speed/start-pytorch.js";
import { Worker } from "../speed/worker.js";
import type { Part } from "./part.js";

/** Milliseconds that are spent on waiting for PyTorch's compiler. */
const longestWait = 60_000;

/** TResNet's training and inference beside PyTorch's, case by case until the time is over. */
export const speedPart: Part = {
  name: "speed",
  share: 170,
  needsBinding: true,
  async run({ device, python, settings, warming, log, addCase }, signal) {
    const workers = new Map<Contestant, Worker>();
    const start = ({ side, precision }: Contestant): Worker =>
      side === "ours"
        ? new Worker(process.execPath, [...nodeArguments("speed/csl-worker.ts"), device, precision])
        : startPytorch(python, device);
    const ask: Ask = async (contestant, question) => {
      const worker = workers.get(contestant) ?? start(contestant);
      workers.set(contestant, worker);
      try {
        return await worker.ask(question, signal);
      } catch (error) {
        // What failed may have spoilt the device for the process, and keeps memory.
        worker.end();
        workers.delete(contestant);
        throw error;
      }
    };
    const results: CaseResult[] = [];
    // What compiles beside the measurements would disturb them.
    const warmed = await Promise.race([warming.done.then(() => true), setTimeout(longestWait, false)]);
    if (!warmed) warming.stop();
    try {
      for (const speedCase of settings.cases) {
        const result = signal.aborted
          ? { case: speedCase, measured: {}, reason: "no time was left" }
          : await measureCase(speedCase, { ask, signal });
        const { task, network, size, batch } = speedCase;
        log(
          `  ${task} ${network} ${size} px, batch ${batch}: ${ratio(result)?.toFixed(2) ?? result.reason ?? "no ratio"}`,
        );
        results.push(result);
        addCase(result);
      }
    } finally {
      for (const worker of workers.values()) worker.end();
    }
    return { lines: goalLines(results) };
  },
};

/** For each task, how many of the cases that have a ratio reach the goal. */
function goalLines(results: readonly CaseResult[]): string[] {
  return (["train", "infer"] as const).flatMap((task) => {
    const ratios = results
      .filter((result) => result.case.task === task)
      .flatMap((result) => ratio(result) ?? []);
    if (ratios.length === 0) return [`${task}: no ratio to PyTorch was measured`];
    const reached = ratios.filter((value) => value >= goals[task]).length;
    return [
      `${task}: at least ${goals[task].toFixed(1)} times PyTorch's best in ${reached} of ${ratios.length} cases`,
    ];
  });
}
