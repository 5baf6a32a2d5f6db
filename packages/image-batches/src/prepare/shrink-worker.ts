import { parentPort } from "node:worker_threads";
import { tuneSharp } from "../tune-sharp.js";
import { type FromShrinkWorker, runShrinkTask, type ToShrinkWorker } from "./shrink-task.js";

// The program of one worker thread (an entry of its own in the build).

const port = parentPort;
if (!port) throw new Error("shrink-worker: expected to run in a worker thread.");

tuneSharp();

port.on("message", async ({ id, task }: ToShrinkWorker) => {
  const shrunk = await runShrinkTask(task);
  // Copied, not moved: what sharp returns may be a piece of memory that others share.
  const own = "jpg" in shrunk ? { jpg: shrunk.jpg.slice() } : shrunk;
  const moved = "jpg" in own ? [own.jpg.buffer as ArrayBuffer] : [];
  port.postMessage({ id, shrunk: own } satisfies FromShrinkWorker, moved);
});
