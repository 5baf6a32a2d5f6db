import type { SpeedCase } from "./speed-cases.js";

/** One contestant's result in a case; `error` instead where it had none. */
export interface Measured {
  /** Median of its repetitions. */
  imagesPerSecond?: number;
  /** Most that it held on the device, GiB; absent where the device does not tell. */
  peakGb?: number;
  error?: string;
}

export interface CaseResult {
  case: SpeedCase;
  /** By the contestant's name; a contestant that was not asked is absent. */
  measured: Record<string, Measured>;
  /** Why it was not measured, or not to the end. */
  reason?: string;
}
