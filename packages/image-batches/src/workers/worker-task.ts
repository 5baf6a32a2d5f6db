import { type PreparedImage, type PrepareTask, prepareImage } from "../load/prepare-image.js";
import { type ShrinkTask, type ShrunkImage, shrinkSource } from "../prepare/shrink-image.js";
import type { FileRanges } from "../sources/file-ranges.js";

/** What a worker can do: prepare an image for a batch, or shrink one for a shard. Plain objects, because they are copied to it. */
export type WorkerTask = PrepareTask | ShrinkTask;
export type ResultOf<T extends WorkerTask> = T extends ShrinkTask ? ShrunkImage : PreparedImage;
export type WorkerResult = PreparedImage | ShrunkImage;

/** Does a task; the same function runs in the workers and in-process. What goes wrong with an image is a result, not an exception. */
export function runTask(task: WorkerTask, ranges: FileRanges): Promise<WorkerResult> {
  return task.kind === "shrink" ? shrinkSource(task, ranges) : prepareImage(task, ranges);
}

/** What the pool sends to a worker. */
export type ToWorker = { id: number; group: number; task: WorkerTask } | { cancel: number };

/** What a worker answers: that it has started, then its results. `failure` is a fault of the program, not of an image. */
export type FromWorker =
  | { ready: true }
  | { id: number; result: WorkerResult }
  | { id: number; failure: string };
