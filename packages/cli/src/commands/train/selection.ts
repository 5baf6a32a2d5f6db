import type { Prior } from "@csl/partial-loss";
import { thresholdAdvice } from "../../data/judge-prior.js";
import { percent } from "../../terminal/format.js";
import type { ChosenLoss } from "./train-flags.js";

/** From this share of the un-annotated entries on, selective mode is Ignore mode under another name. */
const NEARLY_ALL = 0.95;

/** What selective mode ignores of the un-annotated entries of a training set. */
export interface Selection {
  /** Un-annotated entries. */
  total: number;
  /** By class: its prior is above the threshold. */
  ignoredClasses: readonly boolean[];
  /** Shares of `total`: of classes that the prior ignores, and at most by likelihood. */
  byPrior: number;
  byLikelihood: number;
  everything: boolean;
  nothing: boolean;
  /** The flags that make it so. */
  cause: string;
}

/** @param unannotated by class, in the order of the prior */
export function selection(
  unannotated: Uint32Array,
  images: number,
  { priorThreshold, likelihoodTopk }: Pick<ChosenLoss, "priorThreshold" | "likelihoodTopk">,
  prior: Pick<Prior, "values"> | undefined,
): Selection {
  const bar = Math.fround(priorThreshold); // values and comparison are float32, as in the loss
  const ignoredClasses = Array.from(unannotated, (_, c) => prior !== undefined && prior.values[c]! > bar);
  const count = (counts: ArrayLike<number>): number => Array.from(counts).reduce((a, b) => a + b, 0);
  const total = count(unannotated);
  const ofPrior = count(unannotated.map((n, c) => (ignoredClasses[c] ? n : 0)));
  const ofLikelihood = Math.min(total - ofPrior, likelihoodTopk * images);
  const byPrior = total === 0 ? 0 : ofPrior / total;
  const byLikelihood = total === 0 ? 0 : ofLikelihood / total;
  const flags = [
    ...(byPrior > 0 ? [`--prior-threshold ${priorThreshold}`] : []),
    ...(byLikelihood > 0 ? [`--likelihood-topk ${likelihoodTopk}`] : []),
  ];
  return {
    total,
    ignoredClasses,
    byPrior,
    byLikelihood,
    everything: total > 0 && byPrior + byLikelihood >= NEARLY_ALL,
    nothing: total > 0 && byPrior + byLikelihood === 0,
    cause: flags.join(" and "),
  };
}

/**
 * The selection in lines for the terminal: its shares, and where it selects nothing or everything a warning, or a plain line if
 * the command itself has chosen so.
 */
export function describeSelection(
  { total, ignoredClasses, byPrior, byLikelihood, everything, nothing, cause }: Selection,
  { likelihoodTopk, priorThreshold }: Pick<ChosenLoss, "priorThreshold" | "likelihoodTopk">,
  prior: Pick<Prior, "values"> | undefined,
  chosen: boolean,
): string[] {
  if (total === 0)
    return [
      "warning: every entry is annotated: --partial-loss-mode selective does the same as every other mode",
    ];
  const above = ignoredClasses.filter(Boolean).length;
  const lines = [
    `selective: of ${total} un-annotated entries ${percent(byPrior)} % are ignored by the prior ` +
      `(${prior ? `${above} of ${ignoredClasses.length} classes above ${priorThreshold}` : "none given: --prior-path"}), ` +
      `at most ${percent(byLikelihood)} % more by likelihood (${likelihoodTopk} an image)`,
  ];
  if (chosen) {
    if (everything)
      lines.push("selective: chosen so, it is Ignore mode: no class's un-annotated entries tell more");
    if (nothing)
      lines.push("selective: chosen so, it is Negative mode: few positives are expected to be missing");
    return lines;
  }
  if (everything) {
    const ways = [
      ...(prior && byPrior > 0.5 ? [thresholdAdvice(prior.values)] : []),
      ...(byLikelihood > 0.5 || (byLikelihood > 0 && byPrior <= 0.5)
        ? ["Lower --likelihood-topk, the number of entries that are ignored in every image."]
        : []),
    ];
    lines.push(
      `warning: ${cause}: in effect every un-annotated entry is ignored, as in Ignore mode. ${ways.join(" ")}`.trimEnd(),
    );
  }
  if (nothing)
    lines.push(
      `warning: --likelihood-topk ${likelihoodTopk}${prior ? ` and no class above --prior-threshold ${priorThreshold}` : " without --prior-path"}: ` +
        "no un-annotated entry is ignored, as in Negative mode.",
    );
  else if (prior && above === 0)
    lines.push(
      `warning: no class is above --prior-threshold ${priorThreshold} (the largest prior is ${Math.max(...prior.values).toPrecision(3)}): the prior has no effect. Lower the threshold.`,
    );
  return lines;
}
