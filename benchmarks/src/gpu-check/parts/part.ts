import type { Device } from "../device.js";
import type { PartResult } from "../report/report.js";
import type { CaseResult } from "../speed/case-result.js";
import type { SpeedCase } from "../speed/speed-cases.js";

/** What a run is about. */
export interface Context {
  device: Device;
  /** The Python that has torch. */
  python: string;
  settings: Settings;
  /** Folders of images with labels, when they are there: small ones, and ones of 224 pixels. */
  data: Promise<{ small: string; large: string }>;
  /** PyTorch compiling what it is measured with, beside the other parts. What it has half done when it is stopped is not used. */
  warming: { done: Promise<void>; stop: () => void };
  log: (line: string) => void;
  /** Results of cases as they come, for the report. */
  addCase: (result: CaseResult) => void;
}

/** How much is done: everything, or a try of the program itself on any machine. */
export interface Settings {
  cases: readonly SpeedCase[];
  agreementSteps: number;
  /** Of the training whose mAP is compared. */
  scenes: { train: number; val: number; epochs: number; batch: number };
  /** Of the training whose waiting is measured. */
  waiting: { images: number; copies: number; epochs: number; batch: number; size: number; network: string };
}

/** A part of the check. */
export interface Part {
  name: string;
  /** Seconds of a run of 450 that are kept for it. */
  share: number;
  /** Whether it computes with the binding: left out when that does not compile. */
  needsBinding?: boolean;
  /** Rejects when it cannot be done; `signal` ends it. */
  run(context: Context, signal: AbortSignal): Promise<PartResult>;
}
