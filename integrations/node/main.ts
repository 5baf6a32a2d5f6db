import "@tensorflow/tfjs-backend-cpu";
import { evaluate } from "@csl/metrics";
import { partialLoss, selective } from "@csl/partial-loss";
import * as tf from "@tensorflow/tfjs-core";

const labels: number[] = [1, 0, -1, -1, -1, 0, 0, 1, 1];
const logits: tf.Tensor2D = tf.tensor2d([2, -1, 0.5, -2, 3, -0.75, 0, -1.5, 1], [3, 3]);
const loss = (x: tf.Tensor): tf.Scalar =>
  partialLoss(x as tf.Tensor2D, tf.tensor2d(labels, [3, 3]), {
    unannotated: selective({ topK: 1, topKScope: "sample" }),
  });
const { value, grad } = tf.valueAndGrad(loss)(logits);
const { mapC, validClasses } = evaluate({
  scores: (await logits.data()) as Float32Array,
  labels: Int8Array.from(labels),
  numClasses: 3,
});

console.log(`loss ${value.dataSync()[0]?.toFixed(4)}`);
console.log(`gradient ${Array.from(grad.dataSync(), (g) => g.toFixed(3)).join(" ")}`);
console.log(`mAP(C) ${mapC.toFixed(3)} of ${validClasses} classes`);
