import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { selective, unannotatedWeights } from "@csl/partial-loss";

/** A class in the figure: how common the temporary model found it, what this image's logit is, what is annotated. */
export interface ShownClass {
  name: string;
  prior: number;
  logit: number;
  label: 1 | 0 | -1;
}

export type Fate = "positive" | "negative" | "by prior" | "by likelihood" | "as negative";

/** What becomes of each class of one image: what @csl/partial-loss says. */
export async function fates(
  classes: readonly ShownClass[],
  { priorThreshold, topK }: { priorThreshold: number; topK: number },
): Promise<Fate[]> {
  await tf.setBackend("cpu");
  const prior = classes.map((one) => one.prior);
  const weights = (k: number) =>
    tf.tidy(() => {
      const logits = tf.tensor2d([classes.map(({ logit }) => logit)]);
      const labels = tf.tensor2d([classes.map(({ label }) => label)]);
      const policy = selective({ prior, priorThreshold, topK: k, topKScope: "sample" });
      return [...unannotatedWeights(logits, labels, policy).dataSync()];
    });
  const byPrior = weights(0);
  const both = weights(topK);
  return classes.map(({ label }, i) => {
    if (label !== -1) return label === 1 ? "positive" : "negative";
    if (byPrior[i] === 0) return "by prior";
    return both[i] === 0 ? "by likelihood" : "as negative";
  });
}
