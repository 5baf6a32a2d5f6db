import { nodeArguments, runStep } from "../run-step.js";
import type { Part } from "./part.js";

/** What capture-worker.ts prints. */
export interface Captured {
  recorded: boolean;
  /** Largest relative difference of a step's loss from that of the same training without a recording. */
  worst: number;
  /** Milliseconds a step, at the end. */
  plainMs: number;
  replayedMs: number;
}

/** A training whose steps are recorded once and replayed, against one without: in both precisions. */
export const capturePart: Part = {
  name: "capture and replay",
  share: 30,
  needsBinding: true,
  async run({ device }, signal) {
    const lines: string[] = [];
    const data: Record<string, Captured> = {};
    let failed = false;
    for (const precision of ["float32", "bf16"]) {
      const program = nodeArguments("capture-worker.ts");
      const text = await runStep(process.execPath, [...program, device, precision], { signal });
      const result = JSON.parse(text.trim().split("\n").at(-1)!) as Captured;
      data[precision] = result;
      const { recorded, worst, plainMs, replayedMs } = result;
      failed ||= device !== "cpu" && !(recorded && worst < 1e-2);
      lines.push(
        `${precision}: ${recorded ? "recorded and replayed" : "not recorded"}, losses at most ${worst.toExponential(1)} from those ` +
          `without, relative; ${plainMs.toFixed(1)} ms a step without, ${replayedMs.toFixed(1)} ms with`,
      );
    }
    return { lines, failed, data };
  },
};
