// Loss and gradient of the class-aware selective loss: composed of TensorFlow.js operations against the kernel on
// plain memory, on wasm and cpu. Fastest call of each, both forms in one run. The composed form at the largest size on
// the cpu backend takes minutes and runs with --all only.
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { ignore, partialLoss, registerKernels, selective } from "@csl/partial-loss";

const sizes = [
  [64, 80],
  [64, 9605],
  [512, 9605],
] as const;
const policies = {
  "selective, top-5 + prior": (classes: number) =>
    selective({
      topK: 5,
      prior: Float32Array.from({ length: classes }, (_, c) => (c % 50 === 0 ? 0.9 : 0.01)),
    }),
  ignore: () => ignore(),
};
const everything = process.argv.includes("--all");

const rows: string[][] = [];
for (const backend of ["wasm", "cpu"]) {
  await tf.setBackend(backend);
  for (const [batch, classes] of sizes)
    for (const [name, policy] of Object.entries(policies)) {
      const options = { unannotated: policy(classes), gamma: { positive: 0, negative: 1, unannotated: 4 } };
      const logits = tf.randomNormal<tf.Rank.R2>([batch, classes], -3, 2, "float32", 1);
      // One annotated entry in fifty, half of them positive: as sparse as OpenImages is.
      const labels = tf.tidy(() => {
        const u = tf.randomUniform<tf.Rank.R2>([batch, classes], 0, 1, "float32", 2);
        return tf.sub(tf.add(tf.step(tf.sub(u, 0.98)), tf.step(tf.sub(u, 0.99))), 1) as tf.Tensor2D;
      });
      const time = (form: "values" | "composed"): number => {
        registerKernels(backend, { form });
        return best(() =>
          tf.tidy(() => {
            const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => partialLoss(x, labels, options))(
              logits,
            );
            return value.dataSync()[0]! + grad.size;
          }),
        );
      };
      const kernel = time("values");
      const skipped = backend === "cpu" && batch * classes > 1e6 && !everything;
      const composed = skipped ? Number.NaN : time("composed");
      rows.push([
        backend,
        `${batch} × ${classes}`,
        name,
        skipped ? "skipped" : composed.toFixed(2),
        kernel.toFixed(2),
        skipped ? "" : `${(composed / kernel).toFixed(1)}×`,
      ]);
      tf.dispose([logits, labels]);
    }
}
console.log(
  "| backend | batch × classes | policy | composed, ms | kernel, ms | ratio |\n|---|---|---|---|---|---|",
);
for (const row of rows) console.log(`| ${row.join(" | ")} |`);
process.exit(0); // the wasm backend's threads would keep the process alive

/** The fastest of the calls that fit into three seconds, three at least. */
function best(body: () => void): number {
  body(); // warm-up: compilation, kernels set up
  let least = Number.POSITIVE_INFINITY;
  const end = performance.now() + 3000;
  for (let calls = 0; calls < 3 || performance.now() < end; calls++) {
    const start = performance.now();
    body();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}
