/** What the process that reads tells the one that watches. */
export type Message =
  | { type: "begin"; target: string; index: number }
  | { type: "end"; target: string; index: number; outcome: Outcome };

export interface Outcome {
  result: "read" | "refused" | "raw";
  /** Of a raw error, with its stack. */
  error?: string;
  /** MiB by which the process grew, at its largest. */
  grown: number;
}

/** What the watching process gives the reading one. */
export interface Assignment {
  /** The module whose export `targets` lists the targets. */
  module: string;
  seed: number;
  /** Inputs to try, in this order. */
  ranges: { target: string; from: number; to: number }[];
}
