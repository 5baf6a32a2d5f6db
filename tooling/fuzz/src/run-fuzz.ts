import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Assignment, Message, Outcome } from "./messages.js";

export interface FuzzOptions {
  /** URL of a module whose export `targets` is a list of `FuzzTarget`. */
  module: string;
  /** Names of the targets to try. Of each the inputs `from` (default 0) to `from + count - 1`. */
  targets: readonly string[];
  count: number;
  from?: number;
  seed: number;
  /** Seconds after which the rest of a target's inputs is left out. Default none. */
  secondsEach?: number;
  /** Seconds that one input may take. Default 2. */
  seconds?: number;
  /** MiB by which the process may grow while it reads one input. Default 512. */
  memory?: number;
}

/** An input that was neither read nor refused in words. */
export interface Fault {
  index: number;
  kind: "raw error" | "hang" | "memory";
  /** The error's stack, or what was measured. */
  what: string;
}

/** What came of the inputs of one target. */
export interface FuzzResult {
  target: string;
  tried: number;
  read: number;
  refused: number;
  faults: Fault[];
  /** The longest time of one input in seconds, and the most that the process grew in MiB. */
  slowest: number;
  largest: number;
}

/** One input and what came of it. */
interface Reading {
  target: string;
  index: number;
  seconds: number;
  /** Undefined when the process was ended, since it took too long, or ended by itself. */
  outcome: Outcome | undefined;
  late: boolean;
}

/**
 * Tries damaged inputs in a process of its own, so that one that hangs or takes all memory can be ended. A hang and a
 * growth count only when they come again in a new process, alone: a machine that is busy is no fault of the reader.
 */
export async function runFuzz(options: FuzzOptions): Promise<FuzzResult[]> {
  const { targets, count, from = 0, secondsEach = Number.POSITIVE_INFINITY } = options;
  const results = new Map(
    targets.map((target) => [
      target,
      {
        target,
        tried: 0,
        read: 0,
        refused: 0,
        faults: [],
        slowest: 0,
        largest: 0,
      } satisfies FuzzResult as FuzzResult,
    ]),
  );
  const add = (reading: Reading): void => addReading(results.get(reading.target)!, reading, options);
  let ranges: Range[] = targets.map((target) => ({ target, from, to: from + count }));
  let current: { target: string; until: number } | undefined;
  while (ranges.length > 0) {
    let suspect: Reading | undefined;
    await readInputs(ranges, options, (reading) => {
      const { target } = reading;
      if (target !== current?.target) current = { target, until: performance.now() + secondsEach * 1000 };
      ranges = after(ranges, reading);
      if (isSuspect(reading, options)) suspect = reading;
      else add(reading);
      const late = performance.now() > current.until && ranges[0]?.target === target;
      if (late) ranges = ranges.slice(1);
      return suspect === undefined && !late;
    });
    if (!suspect) continue;
    const { target, index } = suspect;
    await readInputs([{ target, from: index, to: index + 1 }], options, (reading) => {
      add(reading);
      return false;
    });
  }
  return [...results.values()];
}

type Range = Assignment["ranges"][number];

/** What is left of the ranges behind an input. */
function after(ranges: readonly Range[], { target, index }: Reading): Range[] {
  const at = ranges.findIndex((range) => range.target === target);
  const [first, ...rest] = ranges.slice(at) as [Range, ...Range[]];
  return index + 1 < first.to ? [{ ...first, from: index + 1 }, ...rest] : rest;
}

function isSuspect({ outcome }: Reading, { memory = 512 }: FuzzOptions): boolean {
  return outcome === undefined || outcome.grown > memory;
}

function addReading(
  result: FuzzResult,
  reading: Reading,
  { seconds: limit = 2, memory = 512 }: FuzzOptions,
): void {
  const { index, seconds, outcome, late } = reading;
  result.tried++;
  result.slowest = Math.max(result.slowest, seconds);
  result.largest = Math.max(result.largest, outcome?.grown ?? 0);
  const fault = (kind: Fault["kind"], what: string): void => void result.faults.push({ index, kind, what });
  if (!outcome) {
    if (late) fault("hang", `no end after ${limit} s`);
    else fault("memory", "the process ended");
  } else if (outcome.grown > memory) fault("memory", `${Math.round(outcome.grown)} MiB`);
  else if (outcome.result === "raw") fault("raw error", outcome.error ?? "");
  else result[outcome.result]++;
}

/**
 * Starts a process that reads inputs, and ends it when one takes too long or `onReading` returns false.
 *
 * @throws when the process does not come to its first input.
 */
function readInputs(
  ranges: readonly Range[],
  { module, seed, seconds: limit = 2 }: FuzzOptions,
  onReading: (reading: Reading) => boolean,
): Promise<void> {
  const assignment: Assignment = { module, seed, ranges: [...ranges] };
  const child = fork(
    fileURLToPath(new URL("./reading-process.ts", import.meta.url)),
    [JSON.stringify(assignment)],
    {
      execArgv: ["--conditions=@csl/source", "--import", "tsx", "--max-old-space-size=1024"],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    },
  );
  let said = "";
  child.stderr!.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  });
  let started = false;
  let reading: { target: string; index: number; since: number; timer: NodeJS.Timeout } | undefined;
  const end = (outcome?: Outcome, late = false): void => {
    if (!reading) return;
    const { target, index, since, timer } = reading;
    clearTimeout(timer);
    reading = undefined;
    const goOn = onReading({ target, index, seconds: (performance.now() - since) / 1000, outcome, late });
    if (!goOn || !outcome) child.kill("SIGKILL");
  };
  return new Promise((resolve, reject) => {
    child.on("message", (message: Message) => {
      if (child.killed) return;
      started = true;
      if (message.type === "end") end(message.outcome);
      else {
        const { target, index } = message;
        reading = {
          target,
          index,
          since: performance.now(),
          timer: setTimeout(() => end(undefined, true), limit * 1000),
        };
      }
    });
    child.on("error", reject);
    child.on("close", () => {
      end();
      if (started) resolve();
      else reject(new Error(`the process that reads inputs did not start: ${said}`));
    });
  });
}
