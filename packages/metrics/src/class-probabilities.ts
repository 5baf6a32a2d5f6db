import type { ClassKeys } from "./class-keys.js";
import { scoreOfKey } from "./threshold-below.js";

/** What the scores are. Nothing in the numbers says it for certain, so it must be said. */
export type ScoreKind = "logits" | "probabilities";

/** The annotated entries of one class as probabilities: of all of them, and again of the positive ones. */
export type ClassProbabilities = { annotated: Float32Array; positives: Float32Array };

/** Probabilities of all folds of a class; logits are divided by `temperature` first. */
export function classProbabilities(
  parts: readonly ClassKeys[],
  { scoresAre, temperature }: { scoresAre: ScoreKind; temperature: number },
): ClassProbabilities {
  const ofKey =
    scoresAre === "logits"
      ? (key: number): number => 1 / (1 + Math.exp(-scoreOfKey(key) / temperature))
      : scoreOfKey;
  const map = (from: "annotated" | "positives", count: "numAnnotated" | "numPositives"): Float32Array => {
    const out = new Float32Array(parts.reduce((sum, part) => sum + part[count], 0));
    let at = 0;
    for (const part of parts) {
      const keys = part[from];
      for (let i = 0; i < part[count]; i++) out[at++] = ofKey(keys[i]!);
    }
    return out;
  };
  return { annotated: map("annotated", "numAnnotated"), positives: map("positives", "numPositives") };
}
