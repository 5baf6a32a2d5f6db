import { readFile } from "node:fs/promises";
import type { ClassList } from "@csl/labels";
import { type Prior, parsePrior, partialLoss, topClasses } from "@csl/partial-loss";
import type * as tf from "@tensorflow/tfjs-core";
import type { Terminal } from "../../terminal/terminal.js";
import { type PolicyOptions, policyOf } from "./policy-of.js";

interface LossFlags extends PolicyOptions {
  priorPath?: string;
  clip: number;
  gammaPos: number;
  gammaNeg: number;
  gammaUnann: number;
  alphaPos: number;
  alphaNeg: number;
  alphaUnann: number;
  cudaGraphs: boolean;
}

/** The partial loss that the flags describe, summed over batch and classes as in the reference. */
export async function buildLoss(
  flags: LossFlags,
  classes: ClassList,
  terminal: Terminal,
): Promise<(logits: tf.Tensor2D, labels: tf.Tensor2D) => tf.Scalar> {
  const prior = flags.priorPath ? await openPrior(flags.priorPath, classes, terminal) : undefined;
  if (prior && flags.partialLossMode === "selective")
    terminal.info(describePrior(prior, classes, flags.priorThreshold));
  const options = {
    gamma: { positive: flags.gammaPos, negative: flags.gammaNeg, unannotated: flags.gammaUnann },
    alpha: { positive: flags.alphaPos, negative: flags.alphaNeg, unannotated: flags.alphaUnann },
    clip: flags.clip,
    unannotated: policyOf(flags, classes.ids, prior),
    // A recorded step reads no values. The trainer checks labels and loss itself.
    ...(flags.cudaGraphs && { validate: false }),
  };
  return (logits, labels) => partialLoss(logits, labels, options);
}

/**
 * Which classes the prior spares. On few classes, or with the inflated prior of a short temporary training, the default
 * threshold (made for thousands of classes) may spare all of them: the run would be Ignore under another name.
 */
export function describePrior(prior: Prior, classes: ClassList, threshold: number): string {
  const bar = Math.fround(threshold); // values and comparison are float32, as in the loss
  const spared = topClasses(prior, classes.size).filter(({ value }) => value > bar);
  if (spared.length === classes.size)
    return (
      `warning: the prior of all ${classes.size} classes is above --prior-threshold ${threshold}: every un-annotated entry ` +
      "is ignored, as in Ignore mode. Raise the threshold."
    );
  const names = spared.slice(0, 5).map(({ id }) => classes.names[classes.indexOf(id)]!);
  const list = names.length === 0 ? "" : `: ${names.join(", ")}${spared.length > 5 ? ", …" : ""}`;
  return `prior: ${spared.length} of ${classes.size} classes are above ${threshold} and ignored where un-annotated${list}`;
}

/** Reads a prior, ours or the reference's, for these classes; repairs are told. */
async function openPrior(path: string, classes: ClassList, terminal: Terminal): Promise<Prior> {
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw new Error(
      `csl: the prior ${path} cannot be read: ${cause.message}. Make one with csl estimate-prior.`,
    );
  });
  const prior = parsePrior(text, { classes: classes.toJSON() });
  for (const repair of prior.repairs ?? []) terminal.info(`prior: ${repair}`);
  return prior;
}
