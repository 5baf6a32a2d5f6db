import type { EngineName } from "./engine-name.js";

/** What is known about an engine without starting it. */
export interface Probe {
  available: boolean;
  /** One line: what was found, or why the engine is not on offer. */
  detail: string;
  /** One line: the command that would make it available. */
  hint?: string;
}

/** What a started engine says about itself. */
export interface Started {
  /** What it computes on, for people: "AMD EPYC, 2 threads". */
  device: string;
  /** Version of the library that computes. */
  version: string;
  /** Ends worker threads, where the engine has some that outlive its use. */
  stop?: () => void;
}

export interface StartOptions {
  threads: number;
}

/** One engine: how to look for it and how to start it. `start` makes its backend the current one, or throws. */
export interface EngineDriver {
  name: EngineName;
  probe(): Promise<Probe>;
  start(options: StartOptions): Promise<Started>;
}
