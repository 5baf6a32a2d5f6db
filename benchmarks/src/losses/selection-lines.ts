import type { LossLine } from "./loss-lines.js";

/** A setting of `csl train` that is compared. */
export interface SelectionLine extends LossLine {
  /** `takes`: it is trained with the class prior of the Ignore model; `gives`: the rank correlation of its own is kept. */
  prior: "takes" | "gives";
}

const selective = (threshold: string, topK: string, gammas: readonly string[]): SelectionLine => ({
  name: threshold === "auto" ? "csl auto" : `csl ${threshold}, ${topK}`,
  flags: [
    ...["--partial-loss-mode", "selective", "--prior-threshold", threshold, "--likelihood-topk", topK],
    ...["--topk-scope", "sample", "--gamma-neg", gammas[0]!, "--gamma-unann", gammas[1]!],
  ],
  prior: "takes",
});

/** The focusing of negatives and un-annotated entries, the same for all selective settings of a scheme. */
const gammasOf = (scheme: string): readonly string[] => (scheme.startsWith("fpc") ? ["3", "4"] : ["0", "2"]);

/**
 * What is compared: the two plain modes with cross entropy; selective with fixed thresholds and numbers, of which the
 * first are the defaults of `csl train` and the last select by likelihood alone; and selective as it chooses itself.
 */
export function selectionLines(scheme: string): SelectionLine[] {
  const gammas = gammasOf(scheme);
  const plain = ["--gamma-neg", "0"];
  return [
    { name: "ignore", flags: ["--partial-loss-mode", "ignore", ...plain], prior: "gives" },
    {
      name: "negative",
      flags: ["--partial-loss-mode", "negative", ...plain, "--gamma-unann", "0"],
      prior: "gives",
    },
    selective("0.05", "5", gammas),
    selective("0.15", "3", gammas),
    selective("1", "2", gammas),
    selective("auto", "auto", gammas),
  ];
}
