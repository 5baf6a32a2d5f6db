// What torch-benchmark.ts and torch-profile.ts have the torch engine do.
import { partialLoss, selective } from "@csl/partial-loss";
import { createAdam, createEma } from "@csl/trainer";
import { createTResNet } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs";

export interface Job {
  task: string;
  batch: number;
  size: number;
  classes: number;
  precision: "float32" | "bf16";
  threads: number;
}

/** Each makes its state once and returns one repetition, which ends with its last number read. */
export const tasks: Record<string, (job: Job) => () => void> = {
  train({ batch, size, classes }) {
    const model = createTResNet({ variant: "m", numClasses: classes });
    const adam = createAdam(model.parameters());
    const images = tf.randomUniform<tf.Rank.R4>([batch, size, size, 3]);
    const labels = tf.cast(tf.greater(tf.randomUniform([batch, classes]), 0.95), "float32");
    const variables = [...model.parameters().values()];
    return () => {
      const { value, grads } = tf.variableGrads(
        () => partialLoss(model.forward(images, { training: true }), labels as tf.Tensor2D),
        variables,
      );
      value.dataSync();
      const gradients = new Map([...model.parameters()].map(([key, { name }]) => [key, grads[name]!]));
      adam.apply(gradients, { lr: 1e-4, beta1: 0.9 });
      tf.dispose([value, grads]);
    };
  },
  infer({ batch, size, classes }) {
    const folded = createTResNet({ variant: "m", numClasses: classes }).foldBatchNorm();
    const images = tf.randomUniform<tf.Rank.R4>([batch, size, size, 3]);
    return () => tf.tidy(() => folded.forward(images).dataSync());
  },
  loss({ batch, classes }) {
    const prior = Float32Array.from({ length: classes }, (_, c) => (c % 50 === 0 ? 0.9 : 0.01));
    const logits = tf.randomNormal<tf.Rank.R2>([batch, classes], -3, 2);
    // One annotated entry in fifty, half of them positive: as sparse as OpenImages is.
    const labels = tf.tidy(() => {
      const u = tf.randomUniform<tf.Rank.R2>([batch, classes]);
      return tf.sub(tf.add(tf.step(tf.sub(u, 0.98)), tf.step(tf.sub(u, 0.99))), 1) as tf.Tensor2D;
    });
    const topK = Math.min(200, classes);
    const options = {
      unannotated: selective({ topK, prior, priorThreshold: 0.05 }),
      gamma: { positive: 1, negative: 2, unannotated: 7 },
    };
    const run = tf.valueAndGrad((x: tf.Tensor) => partialLoss(x, labels, options));
    return () => tf.tidy(() => run(logits).value.dataSync());
  },
  optimizer({ classes }) {
    const model = createTResNet({ variant: "m", numClasses: classes });
    const adam = createAdam(model.parameters(), { weightDecay: 1e-4 });
    const ema = createEma(model);
    const gradients = new Map(
      [...model.parameters()].map(([key, { shape }]) => [key, tf.randomNormal(shape)]),
    );
    return () => ema.update(adam.apply(gradients, { lr: 1e-4, beta1: 0.9, ema }));
  },
  overhead() {
    const x = tf.ones([64]);
    const repeat = (): void =>
      tf.tidy(() => {
        let y: tf.Tensor = x;
        for (let i = 0; i < 1000; i++) y = tf.add(y, x);
        y.dataSync();
      });
    // V8 compiles what ran some ten thousand times, as it has after the first steps of a training.
    for (let i = 0; i < 100; i++) repeat();
    return repeat;
  },
};
