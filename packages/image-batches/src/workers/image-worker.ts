import { parentPort, workerData } from "node:worker_threads";
import { CslError } from "@csl/internal/errors/csl-error";
import { type BudgetCells, joinBudget } from "../decode/decode-budget.js";
import { tuneSharp } from "../decode/decode-image.js";
import { TaskQueue } from "./task-queue.js";
import type { FromWorker, ToWorker, WorkerResult } from "./worker-task.js";

// The program of one worker thread (an entry of its own in the build).

const port = parentPort;
if (!port) throw new CslError("unsupported", "image-worker: expected to run in a worker thread.");
const answer = (message: FromWorker, moved: ArrayBuffer[] = []): void => port.postMessage(message, moved);

tuneSharp();
joinBudget(workerData as BudgetCells);
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
    done: (result) => answerWith(id, result),
    failed: (error) => answer({ id, failure: String(error) }),
  });
});

function answerWith(id: number, result: WorkerResult): void {
  if (!("jpg" in result)) {
    answer({ id, result });
    return;
  }
  // Copied first: what sharp returns may be a piece of memory that others share, which cannot be moved.
  const jpg = result.jpg.slice();
  answer({ id, result: { jpg } }, [jpg.buffer as ArrayBuffer]);
}

answer({ ready: true });
