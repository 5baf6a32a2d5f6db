import { parentPort } from "node:worker_threads";
import type { PreparedPicture } from "./prepare-picture.js";
import { TaskQueue } from "./task-queue.js";
import { tuneSharp } from "./tune-sharp.js";
import type { FromWorker, ToWorker } from "./worker-messages.js";

// The program of one worker thread (an entry of its own in the build).

const port = parentPort;
if (!port) throw new Error("picture-worker: expected to run in a worker thread.");

tuneSharp();
const queue = new TaskQueue();

port.on("message", (message: ToWorker) => {
  if ("cancel" in message) {
    queue.drop(message.cancel);
    return;
  }
  const { id, group, task } = message;
  queue.add({
    group,
    task,
    done: (picture) => port.postMessage({ id, picture } satisfies FromWorker, transferable(picture)),
    failed: (error) => port.postMessage({ id, failure: String(error) } satisfies FromWorker),
  });
});

/** The result is moved, not copied; the cache's copy is shared memory and needs neither. */
function transferable(picture: PreparedPicture): ArrayBuffer[] {
  return "data" in picture ? [picture.data.buffer as ArrayBuffer] : [];
}
