// Node 20.19 and later load ES modules through require().
require("@tensorflow/tfjs-backend-cpu");
const tf = require("@tensorflow/tfjs-core");
const { evaluate } = require("@csl/metrics");
const { partialLoss, selective } = require("@csl/partial-loss");

for (const name of Object.keys(require("./package.json").dependencies)) {
  if (!name.startsWith("@csl/")) continue;
  if (Object.keys(require(name)).length === 0) throw new Error(`${name}: expected exports, found none`);
}

const labels = [1, 0, -1, -1, -1, 0, 0, 1, 1];
const logits = tf.tensor2d([2, -1, 0.5, -2, 3, -0.75, 0, -1.5, 1], [3, 3]);
const loss = (x) =>
  partialLoss(x, tf.tensor2d(labels, [3, 3]), { unannotated: selective({ topK: 1, topKScope: "sample" }) });
const { value, grad } = tf.valueAndGrad(loss)(logits);
const { mapC, validClasses } = evaluate({
  scores: logits.dataSync(),
  labels: Int8Array.from(labels),
  numClasses: 3,
});

console.log(`loss ${value.dataSync()[0].toFixed(4)}`);
console.log(`gradient ${Array.from(grad.dataSync(), (g) => g.toFixed(3)).join(" ")}`);
console.log(`mAP(C) ${mapC.toFixed(3)} of ${validClasses} classes`);
