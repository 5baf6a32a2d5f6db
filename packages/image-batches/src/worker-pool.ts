import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { IMAGES_IN_FLIGHT, type ImagePool } from "./image-pool.js";
import { type PendingImage, PendingImages } from "./pending-images.js";
import type { FromWorker, ToWorker } from "./worker-messages.js";
import type { WorkerProgram } from "./worker-program.js";

type Thread = {
  worker: Worker;
  /** What it owes, in the order in which it was asked. */
  tasks: Map<number, PendingImage>;
  /** It gets one image at a time, from the suspects. */
  alone: boolean;
  ready: boolean;
};

/** Threads that end by themselves this often in all, or this often in a row before they start, end the pool. */
const DEATHS = 16;
const FALSE_STARTS = 3;
/** Milliseconds for the threads to end. One that waits for a disk which does not answer ends with that wait only. */
const PATIENCE = 2000;

/**
 * Prepares images on `count` threads. Tasks go to the thread with the fewest of them at once, so that the
 * threads have work while this one is busy with a training step. An idle pool does not keep the process alive.
 *
 * A thread that ends by itself is replaced and its tasks are done again. Those that it was working on are suspects:
 * each is done again with a thread to itself, and one that ends that too counts as unreadable.
 */
export function createWorkerPool(count: number, { url, execArgv }: WorkerProgram): ImagePool {
  const pending = new PendingImages();
  const incidents: string[] = [];
  /** Tasks that wait because every thread is busy with a suspect. */
  const backlog: PendingImage[] = [];
  const suspects: PendingImage[] = [];
  /** Whom to tell once no thread works for a group any more. */
  const quiet = new Map<number, () => void>();
  let threads: Thread[] = [];
  let falseStarts = 0;
  let dead: unknown;
  let closing = false;

  function start(alone: boolean): void {
    const worker = new Worker(url, { execArgv });
    const thread: Thread = { worker, tasks: new Map(), alone, ready: false };
    threads.push(thread);
    worker.unref();
    let why: string | undefined;
    worker.on("message", (message: FromWorker) => hear(thread, message));
    worker.on("error", (error) => {
      why = `a worker thread died: ${error.message}`;
    });
    worker.on("exit", (code) => {
      if (!closing) bury(thread, why ?? `a worker thread ended by itself with code ${code}`);
    });
  }

  function hear(thread: Thread, message: FromWorker): void {
    // A late answer must not let go of a thread that is being ended: with nothing else to do the process would end
    // first, without a word and with code 13.
    if (closing) return;
    if ("ready" in message) {
      thread.ready = true;
      falseStarts = 0;
      return;
    }
    thread.tasks.delete(message.id);
    if (thread.tasks.size === 0) thread.worker.unref();
    if ("image" in message) pending.resolve(message.id, message.image);
    else pending.reject(message.id, new Error(`image loader: a worker failed: ${message.failure}`));
    if (thread.alone) assign();
    tellQuiet();
  }

  function tellQuiet(): void {
    for (const [group, tell] of quiet) {
      const busy = threads.some(({ tasks }) => [...tasks.values()].some((task) => task.group === group));
      if (busy) continue;
      quiet.delete(group);
      tell();
    }
  }

  function bury(thread: Thread, why: string): void {
    threads = threads.filter((other) => other !== thread);
    const lost = [...thread.tasks.values()].filter(({ id }) => pending.has(id));
    // A thread takes its tasks in order: what it was working on is at the front.
    const working = thread.ready ? lost.splice(0, thread.alone ? 1 : IMAGES_IN_FLIGHT) : [];
    for (const task of working) task.deaths++;
    if (!thread.ready) falseStarts++;
    incidents.push(describe(why, working));
    if (incidents.length >= DEATHS || falseStarts >= FALSE_STARTS) {
      die(why);
      return;
    }
    for (const task of working) {
      if (task.deaths < 2) suspects.push(task);
      else pending.resolve(task.id, { unreadable: `it ended the thread that prepared it, twice (${why})` });
    }
    backlog.unshift(...lost);
    start(thread.alone || suspects.length > 0);
    assign();
    tellQuiet();
  }

  /** Hands out what waits: suspects one by one to the threads set apart for them, the rest to the others. */
  function assign(): void {
    for (const thread of threads) {
      if (!thread.alone || thread.tasks.size > 0) continue;
      const suspect = nextWanted(suspects);
      if (suspect) send(thread, suspect);
      else thread.alone = false;
    }
    const free = threads.filter(({ alone }) => !alone);
    if (free.length === 0) return;
    for (let task = nextWanted(backlog); task; task = nextWanted(backlog)) {
      send(
        free.reduce((best, other) => (other.tasks.size < best.tasks.size ? other : best)),
        task,
      );
    }
  }

  /** The first that somebody still waits for. */
  function nextWanted(tasks: PendingImage[]): PendingImage | undefined {
    for (let task = tasks.shift(); task; task = tasks.shift()) if (pending.has(task.id)) return task;
    return undefined;
  }

  function send({ worker, tasks }: Thread, entry: PendingImage): void {
    tasks.set(entry.id, entry);
    worker.ref();
    const { id, group, task } = entry;
    worker.postMessage({ id, group, task } satisfies ToWorker);
  }

  function die(why: string): void {
    const often = incidents.length > 1 ? ` (${incidents.length} threads in all)` : "";
    dead ??= new Error(`image loader: ${why}${often}. workers: 0 prepares the images without threads.`);
    pending.rejectAll(dead);
  }

  for (let i = 0; i < count; i++) start(false);

  return {
    run(task, group) {
      const { entry, image } = pending.open(task, group);
      if (dead) pending.reject(entry.id, dead);
      else {
        backlog.push(entry);
        assign();
      }
      return image;
    },
    cancel(group, reason) {
      pending.rejectAll(reason, group);
      for (const { worker } of threads) worker.postMessage({ cancel: group } satisfies ToWorker);
      const told = new Promise<void>((resolve) => quiet.set(group, resolve));
      tellQuiet();
      return told;
    },
    async close(reason) {
      closing = true;
      dead ??= reason;
      pending.rejectAll(reason);
      let left = threads.length;
      const ended = Promise.all(threads.map(({ worker }) => worker.terminate().finally(() => left--)));
      await Promise.race([ended, sleep(PATIENCE, undefined, { ref: false })]);
      for (const { worker } of threads) worker.unref();
      return left;
    },
    incidents,
  };
}

function describe(why: string, working: readonly PendingImage[]): string {
  const names = working.map(({ task: { source } }) => {
    if (typeof source === "string") return source;
    return source instanceof Uint8Array ? "a cached image" : `${source.file} at ${source.offset}`;
  });
  const during = names.length > 0 ? ` while it prepared ${names.join(", ")}` : "";
  return `${why}${during}. It was replaced, and its images are done again.`;
}
