// One process of `ranks-speed`: the process group of libtorch. Arguments: rank, size, port, numbers. For each line on stdin it
// sums the numbers over the ranks three times, and prints the milliseconds of each.
import { createInterface } from "node:readline";
import "@tensorflow/tfjs";
import { joinProcesses } from "@csl/engine";

const [rank, size, port, numbers] = process.argv.slice(2).map(Number) as [number, number, number, number];
const group = await joinProcesses({ rank, size, host: "127.0.0.1", port, timeout: 120 });
const array = new Float32Array(numbers).fill(1);
process.stdout.write("ready\n");
for await (const _ of createInterface({ input: process.stdin })) {
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    await group.barrier();
    const started = performance.now();
    await group.allReduce(array);
    times.push(performance.now() - started);
    array.fill(1);
  }
  process.stdout.write(`${times.map((ms) => ms.toFixed(2)).join(" ")}\n`);
}
process.exit(0);
