import { Label } from "@csl/labels";
import type { UnannotatedPolicy } from "@csl/partial-loss";
import type { Batch } from "@csl/trainer";

/** Un-annotated entries of training batches by class, and what became of them. */
export interface IgnoredCounts {
  /** Batches that were counted are one in so many. */
  every: number;
  seen: Uint32Array;
  /** Ignored because the class's prior is above the threshold. */
  byPrior: Uint32Array;
  /** Ignored because they were among the likeliest of their batch. */
  byLikelihood: Uint32Array;
}

/** Entries of a batch up to which every batch is counted: a fraction of a millisecond. Larger ones are counted now and then. */
const ENTRIES = 65_536;

/** Counts what the selection of a loss ignores while it trains, on the logits that the loss gets. */
export function ignoredEntries(
  policy: UnannotatedPolicy,
  numClasses: number,
): { counts: IgnoredCounts; add(batch: Pick<Batch, "labels" | "size">, logits: Float32Array): void } {
  const counts: IgnoredCounts = {
    every: 1,
    seen: new Uint32Array(numClasses),
    byPrior: new Uint32Array(numClasses),
    byLikelihood: new Uint32Array(numClasses),
  };
  const threshold = Math.fround(Number(policy.settings?.priorThreshold ?? 1));
  const frequent = Array.from({ length: numClasses }, (_, c) => (policy.prior?.[c] ?? 0) > threshold);
  let weights = new Float32Array(0);
  let batches = 0;
  return {
    counts,
    add({ labels, size }, logits) {
      counts.every = Math.max(1, Math.ceil(logits.length / ENTRIES));
      if (batches++ % counts.every !== 0) return;
      if (weights.length !== logits.length) weights = new Float32Array(logits.length);
      policy.weighValues({ logits, labels, rows: size, classes: numClasses }, weights);
      for (let row = 0, i = 0; row < size; row++)
        for (let c = 0; c < numClasses; c++, i++) {
          if (labels[i] !== Label.Unannotated) continue;
          counts.seen[c]!++;
          if (weights[i] !== 0) continue;
          if (frequent[c]) counts.byPrior[c]!++;
          else counts.byLikelihood[c]!++;
        }
    },
  };
}
