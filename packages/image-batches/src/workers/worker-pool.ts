import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { CslError } from "@csl/internal/errors/csl-error";
import type { BudgetCells } from "../decode/decode-budget.js";
import { type PendingTask, PendingTasks } from "./pending-tasks.js";
import { TASKS_IN_FLIGHT } from "./task-queue.js";
import type { WorkerProgram } from "./worker-program.js";
import type { FromWorker, ResultOf, ToWorker, WorkerTask } from "./worker-task.js";

/** Does tasks on worker threads or on this thread. Tasks of one group (an epoch) can be cancelled together. */
export interface TaskPool {
  run<T extends WorkerTask>(task: T, group: number): Promise<ResultOf<T>>;
  /**
   * Rejects what the group still waits for with `reason`, and drops what has not started. Resolves once no thread writes
   * to memory of the group any more.
   */
  cancel(group: number, reason: unknown): Promise<void>;
  /** Cancels everything with `reason` and ends the threads. Resolves to the number of those that could not be ended. */
  close(reason: unknown): Promise<number>;
  /** Threads that ended by themselves and were replaced, one sentence each. */
  readonly incidents: readonly string[];
}

export interface WorkerPoolOptions {
  program: WorkerProgram;
  /** Who starts the threads, as errors begin. */
  speaker: string;
  /** The pool gives up when so many threads have ended by themselves … */
  maxDeaths: number;
  /** … in all, or in a row, without a result between them. */
  count: "in all" | "in a row";
}

type Thread = {
  worker: Worker;
  /** The tasks that it was sent and has not answered, in order. */
  tasks: Map<number, PendingTask>;
  /** It gets one task at a time, from the suspects. */
  alone: boolean;
  ready: boolean;
  /** Its cell of the budget of memory. */
  cell: number;
};

/** Threads that end before they have started, in a row, after which the pool gives up. */
const MAX_FAILED_STARTS = 3;
/** Threads that were given up and have not ended, after which the pool gives up: each blocks one of Node's own four. */
const MAX_STUCK = 3;
/** Milliseconds to wait for the threads to end. One that waits for a disk that does not answer cannot be ended. */
const CLOSE_TIMEOUT = 2000;

/**
 * Does tasks on `threadCount` threads. A task goes to the thread with the fewest of them at once, so that the threads
 * have work while this one is busy with a training step. An idle pool does not keep the process alive.
 *
 * A thread that ends by itself is replaced and its tasks are done again. Those that it was working on are suspects:
 * each is done again with a thread to itself, and one that ends that thread too counts as unreadable. A thread whose
 * decoder did not end in time is ended and replaced, too; where that cannot be interrupted, it ends with the decoder.
 */
export function createWorkerPool(
  threadCount: number,
  { program, speaker, maxDeaths, count }: WorkerPoolOptions,
): TaskPool {
  const pending = new PendingTasks();
  const incidents: string[] = [];
  /** Tasks that wait because every thread is busy with a suspect. */
  const backlog: PendingTask[] = [];
  const suspects: PendingTask[] = [];
  /** What to call when no thread works for a group any more. */
  const onIdle = new Map<number, () => void>();
  let threads: Thread[] = [];
  /** Given up, and not ended yet. */
  const stuck = new Set<Thread>();
  // More cells than threads: one that is given up keeps its memory, and its cell, until it has ended.
  const cells = new Int32Array(new SharedArrayBuffer(4 * (threadCount + maxDeaths + MAX_STUCK)));
  let deaths = 0;
  let failedStarts = 0;
  /** Set when the pool has given up or is closed: the reason for every later task. */
  let ended: unknown;
  let closing = false;

  function start(alone: boolean): void {
    const taken = [...threads, ...stuck].map(({ cell }) => cell);
    const own = cells.findIndex((_, cell) => !taken.includes(cell));
    const workerData: BudgetCells = { cells, own };
    const worker = new Worker(program.url, { execArgv: program.execArgv, workerData });
    const thread: Thread = { worker, tasks: new Map(), alone, ready: false, cell: own };
    threads.push(thread);
    worker.unref();
    let reason: string | undefined;
    worker.on("message", (message: FromWorker) => onMessage(thread, message));
    worker.on("error", (error) => {
      reason = `a worker thread crashed: ${error.message}`;
    });
    worker.on("exit", (code) => {
      Atomics.store(cells, thread.cell, 0);
      if (stuck.delete(thread) || closing) return;
      onExit(thread, reason ?? `a worker thread ended by itself with code ${code}`);
    });
  }

  function onMessage(thread: Thread, message: FromWorker): void {
    // A late answer must not unref a thread that is being ended: with nothing else to do the process would end
    // first, without a message and with code 13.
    if (closing) return;
    if ("ready" in message) {
      thread.ready = true;
      failedStarts = 0;
      return;
    }
    if (count === "in a row") deaths = 0;
    thread.tasks.delete(message.id);
    if (thread.tasks.size === 0) thread.worker.unref();
    if ("result" in message) pending.resolve(message.id, message.result);
    else
      pending.reject(message.id, new CslError("failed", `${speaker}: a worker failed: ${message.failure}`));
    if ("result" in message && "stuck" in message.result) giveUpOn(thread, message.result.unreadable);
    else if (thread.alone) assign();
    callIdle();
  }

  /** Replaces a thread whose decoder does not end; what else it was sent is done again, by others. */
  function giveUpOn(thread: Thread, reason: string): void {
    if (stuck.has(thread)) return;
    threads = threads.filter((other) => other !== thread);
    stuck.add(thread);
    void thread.worker.terminate();
    incidents.push(`a worker thread was given up (${reason}). It was replaced.`);
    if (stuck.size >= MAX_STUCK) {
      giveUp(`the decoders of ${stuck.size} images do not end; the last: ${reason}`);
      return;
    }
    backlog.unshift(...[...thread.tasks.values()].filter(({ id }) => pending.has(id)));
    thread.tasks.clear();
    start(thread.alone);
    assign();
  }

  function callIdle(): void {
    for (const [group, call] of onIdle) {
      const busy = threads.some(({ tasks }) => [...tasks.values()].some((task) => task.group === group));
      if (busy) continue;
      onIdle.delete(group);
      call();
    }
  }

  function onExit(thread: Thread, reason: string): void {
    threads = threads.filter((other) => other !== thread);
    const lost = [...thread.tasks.values()].filter(({ id }) => pending.has(id));
    // A thread takes its tasks in order: what it was working on is at the front.
    const working = thread.ready ? lost.splice(0, thread.alone ? 1 : TASKS_IN_FLIGHT) : [];
    for (const task of working) task.deaths++;
    if (!thread.ready) failedStarts++;
    deaths++;
    incidents.push(describeIncident(reason, working));
    if (deaths >= maxDeaths || failedStarts >= MAX_FAILED_STARTS) {
      giveUp(reason);
      return;
    }
    for (const task of working) {
      if (task.deaths < 2) suspects.push(task);
      else
        pending.resolve(task.id, { unreadable: `it ended the thread that worked on it, twice (${reason})` });
    }
    backlog.unshift(...lost);
    start(thread.alone || suspects.length > 0);
    assign();
    callIdle();
  }

  /** Sends what waits: suspects one by one to the threads set apart for them, the rest to the others. */
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

  /** The first that was not cancelled. */
  function nextWanted(tasks: PendingTask[]): PendingTask | undefined {
    for (let task = tasks.shift(); task; task = tasks.shift()) if (pending.has(task.id)) return task;
    return undefined;
  }

  function send({ worker, tasks }: Thread, entry: PendingTask): void {
    tasks.set(entry.id, entry);
    worker.ref();
    const { id, group, task } = entry;
    worker.postMessage({ id, group, task } satisfies ToWorker);
  }

  function giveUp(reason: string): void {
    const often = incidents.length > 1 ? ` (${incidents.length} threads in all)` : "";
    ended ??= new CslError("failed", `${speaker}: ${reason}${often}. workers: 0 works without threads.`);
    pending.rejectAll(ended);
  }

  for (let i = 0; i < threadCount; i++) start(false);

  return {
    run<T extends WorkerTask>(task: T, group: number) {
      const { entry, result } = pending.open(task, group);
      if (ended) pending.reject(entry.id, ended);
      else {
        backlog.push(entry);
        assign();
      }
      return result as Promise<ResultOf<T>>;
    },
    cancel(group, reason) {
      pending.rejectAll(reason, group);
      for (const { worker } of threads) worker.postMessage({ cancel: group } satisfies ToWorker);
      const idle = new Promise<void>((resolve) => onIdle.set(group, resolve));
      callIdle();
      return idle;
    },
    async close(reason) {
      closing = true;
      ended ??= reason;
      pending.rejectAll(reason);
      const open = [...threads, ...stuck];
      let left = open.length;
      const all = Promise.all(open.map(({ worker }) => worker.terminate().finally(() => left--)));
      await Promise.race([all, sleep(CLOSE_TIMEOUT, undefined, { ref: false })]);
      for (const { worker } of open) worker.unref();
      return left;
    },
    incidents,
  };
}

function describeIncident(reason: string, working: readonly PendingTask[]): string {
  const names = working.map(({ task: { source } }) => {
    if (typeof source === "string") return source;
    return source instanceof Uint8Array ? "a cached image" : `${source.file} at ${source.offset}`;
  });
  const during = names.length > 0 ? ` while it worked on ${names.join(", ")}` : "";
  return `${reason}${during}. It was replaced, and its images are done again.`;
}
