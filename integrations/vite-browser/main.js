import { evaluate } from "@csl/metrics";
import { partialLoss, selective } from "@csl/partial-loss";
import { stateDictShapes } from "@csl/tresnet";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import plain from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import threaded from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-webgl";

const backend = new URLSearchParams(location.search).get("backend");
setWasmPaths({
  "tfjs-backend-wasm.wasm": plain,
  "tfjs-backend-wasm-simd.wasm": simd,
  "tfjs-backend-wasm-threaded-simd.wasm": threaded,
});
let lines;
try {
  if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} does not start`);
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
  lines = [
    `backend ${tf.getBackend()}`,
    `loss ${value.dataSync()[0].toFixed(4)}`,
    `gradient ${Array.from(grad.dataSync(), (g) => g.toFixed(3)).join(" ")}`,
    `mAP(C) ${mapC.toFixed(3)} of ${validClasses} classes`,
    `${stateDictShapes({ variant: "m", numClasses: 80 }).size} tensors`,
  ];
} catch (error) {
  lines = [`the page failed: ${error.stack}`];
}
await fetch("/printed", { method: "POST", body: lines.join("\n") });
