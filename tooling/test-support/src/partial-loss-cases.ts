import * as tf from "@tensorflow/tfjs-core";

const [rows, classes] = [7, 300];

/** Logits on a grid, so that many are equal, and labels of all three states. */
export function partialLossBatch(): { logits: tf.Tensor2D; labels: tf.Tensor2D } {
  const grid = Float32Array.from({ length: rows * classes }, (_, i) => (((i * 7919) % 41) - 20) / 3);
  const states = Float32Array.from({ length: rows * classes }, (_, i) =>
    (i * 104729) % 7 === 0 ? 1 : (i % 5) - 1 > 0 ? -1 : (i % 5) - 1,
  );
  return { logits: tf.tensor2d(grid, [rows, classes]), labels: tf.tensor2d(states, [rows, classes]) };
}

/** The policies of @csl/partial-loss, which depends on this package for its own tests. */
interface Policies<P> {
  negative(): P;
  ignore(): P;
  normalized(options?: { scheme?: "reference" }): P;
  selective(options?: {
    topK?: number;
    topKScope?: "sample";
    prior?: Float32Array;
    spareIgnored?: boolean;
  }): P;
}

interface LossOptions<P> {
  unannotated?: P;
  reduction?: "mean" | "annotated-mean";
  clip?: number;
  gamma?: { positive: number; negative: number; unannotated: number };
  alpha?: { positive: number; negative: number; unannotated: number };
  focusGradient?: boolean;
  classWeights?: Float32Array;
}

/** Options of `partialLoss` by name, every branch of a kernel of it among them, for {@link partialLossBatch}. */
export function partialLossCases<P extends object>({
  negative,
  ignore,
  normalized,
  selective,
}: Policies<P>): Record<string, LossOptions<P>> {
  const prior = Float32Array.from({ length: classes }, (_, c) => (c % 9) / 10);
  return {
    negative: { unannotated: negative() },
    ignore: { unannotated: ignore(), reduction: "annotated-mean" },
    "normalized, proportion": { unannotated: normalized() },
    "normalized, reference": { unannotated: normalized({ scheme: "reference" }), reduction: "mean" },
    "selective, batch": { unannotated: selective({ topK: 13, prior }) },
    "selective, batch, a large pool": { unannotated: selective({ topK: 200 }) },
    "selective, sample": {
      unannotated: selective({ topK: 13, topKScope: "sample", prior, spareIgnored: true }),
    },
    "clip, odd gammas": {
      clip: 0.05,
      gamma: { positive: 0.5, negative: 3, unannotated: 9 },
      unannotated: selective(),
    },
    "focus gradient": {
      focusGradient: true,
      clip: 0.1,
      alpha: { positive: 2, negative: 0.5, unannotated: 0.25 },
    },
    "a policy of your own": { unannotated: { ...ignore(), name: "of your own" } },
    "weights of classes": {
      unannotated: selective({ topK: 13, prior }),
      classWeights: Float32Array.from({ length: classes }, (_, c) => (c % 7) / 3),
      reduction: "mean",
    },
  };
}
