import { parentPort } from "node:worker_threads";
import { TaskQueue } from "./task-queue.js";
import { tuneSharp } from "./tune-sharp.js";
import type { FromWorker, ToWorker } from "./worker-messages.js";

// The program of one worker thread (an entry of its own in the build).

const port = parentPort;
if (!port) throw new Error("image-worker: expected to run in a worker thread.");
const say = (message: FromWorker): void => port.postMessage(message);

tuneSharp();
const queue = new TaskQueue();

port.on("message", (message: ToWorker) => {
  if ("cancel" in message) {
    void queue.drop(message.cancel);
    return;
  }
  const { id, group, task } = message;
  queue.add({
    group,
    task,
    done: (image) => say({ id, image }),
    failed: (error) => say({ id, failure: String(error) }),
  });
});
say({ ready: true });
