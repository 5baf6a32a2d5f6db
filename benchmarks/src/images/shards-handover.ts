/**
 * How an image gets from a worker's thread to the consumer's: sent as an array of its own (transferred) and copied into
 * a batch, or written by the worker into the batch's shared memory, which is then copied out once or lent. Prints what a
 * batch of 64 images of 448x448 costs the consumer's thread, which is the one that trains.
 *
 *   pnpm --filter @csl/benchmarks shards-handover
 */
import { performance } from "node:perf_hooks";
import { Worker } from "node:worker_threads";

const IMAGE = 448 * 448 * 3;
const BATCH = 64;
const ROUNDS = 20;

const worker = new Worker(
  `const { parentPort } = require("node:worker_threads");
   const image = new Uint8Array(${IMAGE}).map((_, i) => i);
   parentPort.on("message", ({ i, memory }) => {
     if (memory) {
       new Uint8Array(memory).set(image, i * ${IMAGE});
       parentPort.postMessage({ i });
     } else {
       const data = image.slice();
       parentPort.postMessage({ i, data }, [data.buffer]);
     }
   });`,
  { eval: true },
);

/** Asks for a batch; `take` gets each image as it comes. */
function ask(
  memory: SharedArrayBuffer | undefined,
  take: (i: number, data: Uint8Array | undefined) => void,
): Promise<void> {
  return new Promise((resolve) => {
    let left = BATCH;
    const hear = ({ i, data }: { i: number; data?: Uint8Array }): void => {
      take(i, data);
      if (--left > 0) return;
      worker.off("message", hear);
      resolve();
    };
    worker.on("message", hear);
    for (let i = 0; i < BATCH; i++) worker.postMessage({ i, memory });
  });
}

const shared = new SharedArrayBuffer(IMAGE * BATCH);
const ways: Record<string, () => Promise<Uint8Array>> = {
  "transferred, copied into a batch": async () => {
    const batch = new Uint8Array(IMAGE * BATCH);
    await ask(undefined, (i, data) => batch.set(data!, i * IMAGE));
    return batch;
  },
  "shared, copied out (the default)": async () => {
    await ask(shared, () => {});
    return new Uint8Array(shared).slice();
  },
  "shared, lent (reuse: true)": async () => {
    await ask(shared, () => {});
    return new Uint8Array(shared);
  },
};

console.log("| way | consumer's thread busy, ms a batch | CPU of both threads, ms a batch |\n|---|---|---|");
for (const [name, way] of Object.entries(ways)) {
  let [busy, cpu] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < ROUNDS; round++) {
    const loop = performance.eventLoopUtilization();
    const before = process.cpuUsage();
    await way();
    const { user, system } = process.cpuUsage(before);
    busy = Math.min(busy, performance.eventLoopUtilization(loop).active);
    cpu = Math.min(cpu, (user + system) / 1000);
  }
  console.log(`| ${name} | ${busy.toFixed(1)} | ${cpu.toFixed(1)} |`);
}
await worker.terminate();
