import type { CaseResult } from "../speed/case-result.js";

/** What became of a part. */
export type PartStatus = "passed" | "failed" | "left out" | "out of time";

/** What a part found. */
export interface PartResult {
  /** For people: one line for each finding. */
  lines: string[];
  /** Whether what it checks does not hold; an exception says that it could not be checked. */
  failed?: boolean;
  /** The same for programs. */
  data?: unknown;
}

export interface PartReport extends Partial<PartResult> {
  name: string;
  status: PartStatus;
  seconds: number;
  /** Why it was left out, or ended early. */
  reason?: string;
}

/** gpu-check.json. */
export interface Report {
  device: string;
  started: string;
  seconds: number;
  budget: number;
  machine: Record<string, string>;
  parts: PartReport[];
  cases: CaseResult[];
}
