import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Worker, type WorkerOptions } from "node:worker_threads";
import { tuneSharp } from "../tune-sharp.js";
import {
  type FromShrinkWorker,
  runShrinkTask,
  type ShrinkTask,
  type Shrunk,
  type ToShrinkWorker,
} from "./shrink-task.js";

/** Who shrinks the images: threads, or this thread. */
export type ShrinkPool = {
  /** Threads at work; 0 means in-process. */
  readonly workers: number;
  run(task: ShrinkTask): Promise<Shrunk>;
  close(): Promise<void>;
};

/** Starts a thread; a parameter so that tests can hand in threads that die. */
export type StartWorker = (url: URL, options: WorkerOptions) => Worker;

type Waiting = {
  task: ShrinkTask;
  /** Whether a thread has died with it once. */
  suspect: boolean;
  resolve: (shrunk: Shrunk) => void;
  reject: (reason: unknown) => void;
};

/** `suspects` died with an earlier thread; they go one at a time, so that the guilty one is known. */
type Thread = { worker: Worker; running: Map<number, Waiting>; suspects: Waiting[] };

/**
 * Shrinks images on `workers` threads. A thread that dies (out of memory, say) is replaced and its images are done
 * again, one by one: the one that brings down a second thread counts as unreadable. Works in-process with 0 workers,
 * and where a bundler left the worker's file out.
 */
export function createShrinkPool(
  workers: number,
  { startWorker = (url, options) => new Worker(url, options) }: { startWorker?: StartWorker } = {},
): ShrinkPool {
  const program = workers > 0 ? findProgram() : undefined;
  if (!program) {
    tuneSharp();
    return { workers: 0, run: runShrinkTask, close: async () => {} };
  }
  let nextId = 0;
  let closing = false;
  let deathsInARow = 0;
  let hopeless: Error | undefined;
  const threads = Array.from({ length: workers }, () => start());

  function start(suspects: Waiting[] = []): Thread {
    const worker = startWorker(program!, { execArgv: program === fromSource ? FROM_SOURCE_FLAGS : [] });
    const thread: Thread = { worker, running: new Map(), suspects };
    let why = "it ended by itself";
    worker.on("message", ({ id, shrunk }: FromShrinkWorker) => {
      deathsInARow = 0;
      thread.running.get(id)?.resolve(shrunk);
      thread.running.delete(id);
      feed(thread);
    });
    worker.on("error", (error) => {
      why = error.message;
    });
    worker.on("exit", () => {
      if (!closing) bury(thread, why);
    });
    feed(thread);
    return thread;
  }

  function bury(thread: Thread, why: string): void {
    const lost = [...thread.running.values()];
    const guilty = lost.length === 1 && lost[0]!.suspect ? lost.pop() : undefined;
    guilty?.resolve({ unreadable: `two worker threads died of it: ${why}` });
    const suspects = [...lost.map((waiting) => ({ ...waiting, suspect: true })), ...thread.suspects];
    if (++deathsInARow > workers + 3) {
      hopeless = new Error(
        `prepareShards: the worker threads die again and again: ${why}. workers: 0 works without them.`,
      );
      for (const { reject } of suspects) reject(hopeless);
    } else {
      threads[threads.indexOf(thread)] = start(suspects);
    }
  }

  function feed(thread: Thread): void {
    if (thread.running.size > 0) return;
    const waiting = thread.suspects.shift();
    if (waiting) send(thread, waiting);
  }

  function send({ worker, running }: Thread, waiting: Waiting): void {
    const id = nextId++;
    running.set(id, waiting);
    worker.postMessage({ id, task: waiting.task } satisfies ToShrinkWorker);
  }

  function choose(): Thread {
    const load = ({ running, suspects }: Thread): number => running.size + suspects.length;
    return threads.reduce((best, other) => (load(other) < load(best) ? other : best));
  }

  return {
    workers,
    run(task) {
      if (hopeless) return Promise.reject(hopeless);
      return new Promise((resolve, reject) => {
        const waiting = { task, suspect: false, resolve, reject };
        const thread = choose();
        if (thread.suspects.length > 0 || [...thread.running.values()].some(({ suspect }) => suspect))
          thread.suspects.push(waiting);
        else send(thread, waiting);
      });
    },
    async close() {
      closing = true;
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}

// Written out with import.meta.url, so that bundlers see and copy the file.
const built = new URL("./shrink-worker.js", import.meta.url);
const fromSource = new URL("./shrink-worker-from-source.mjs", import.meta.url);
const FROM_SOURCE_FLAGS = ["--conditions=@csl/source"];

function findProgram(): URL | undefined {
  if (isFile(built)) return built;
  return isFile(fromSource) && canResolveTsx() ? fromSource : undefined;
}

function isFile(file: URL): boolean {
  return file.protocol === "file:" && existsSync(fileURLToPath(file));
}

function canResolveTsx(): boolean {
  try {
    createRequire(import.meta.url).resolve("tsx");
    return true;
  } catch {
    return false;
  }
}
