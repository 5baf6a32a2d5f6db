import type { TResNetShape } from "@csl/tresnet";
import type { Contestant } from "./contestants.js";
import type { Task } from "./speed-cases.js";

/** What a worker prepares for, here and in pytorch/device_worker.py. */
export interface Job extends Pick<Contestant, "precision" | "graph" | "channelsLast" | "compile"> {
  task: Task;
  shape: TResNetShape;
  size: number;
  batch: number;
  classes: number;
}

export type Question = { prepare: Job } | { run: number };

/** Answer to `prepare`. */
export interface Ready {
  /** Of one repetition, after warming up. */
  ms: number;
}

/** Answer to `run`. */
export interface Ran {
  /** Of all repetitions, until the device was done. */
  ms: number;
  /** Most memory that tensors took on the device since `prepare`. */
  peakBytes: number | null;
}
