/**
 * For tests, a program: trains the toy model into the folder of its first argument, writing `last` after every step,
 * prints an event's type a line, and takes Ctrl-C as a wish to stop.
 */
import * as tf from "@tensorflow/tfjs";
import { train } from "../src/train.js";
import { toyRunTask } from "./toy-run-task.js";

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
await tf.setBackend("cpu");
for await (const event of train({ ...toyRunTask(process.argv[2]!), signal: stop.signal })) {
  const { stopped = "" } = event as { stopped?: string };
  process.stdout.write(`${event.type} ${stopped}\n`);
}
