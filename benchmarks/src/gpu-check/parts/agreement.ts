import { nodeArguments, runStep } from "../run-step.js";
import type { Part } from "./part.js";

interface Agreement {
  /** Largest relative difference of a loss, by the other side. */
  worst: Record<string, number>;
  ends: Record<string, [first: number, last: number]>;
  passed: boolean;
}

/** The same weights, data and order in float32, here and in PyTorch: the losses of all steps. */
export const agreementPart: Part = {
  name: "agreement with PyTorch",
  share: 30,
  needsBinding: true,
  async run({ device, settings, python }, signal) {
    const program = nodeArguments("../torch/torch-agreement.ts");
    const flags = [
      "--steps",
      `${settings.agreementSteps}`,
      "--device",
      device,
      "--engines",
      "torch",
      "--json",
    ];
    const env = { ...process.env, CSL_PYTHON: python };
    const text = await runStep(process.execPath, [...program, ...flags], { signal, env });
    const { worst, ends, passed } = JSON.parse(text.trim().split("\n").at(-1)!) as Agreement;
    const lines = Object.entries(worst).map(
      ([other, value]) =>
        `${settings.agreementSteps} steps in float32: losses at most ${value.toExponential(1)} from those in ${other}, relative (goal: 1e-3)`,
    );
    const [first, last] = ends.torch!;
    return {
      lines: [...lines, `loss ${first.toFixed(4)} → ${last.toFixed(4)}`],
      failed: !passed,
      data: { worst },
    };
  },
};
