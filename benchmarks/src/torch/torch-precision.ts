// What bfloat16 costs in a gradient: |g - g32| / |g32| of every parameter of TResNet-M, for the torch engine's bf16 beside its
// float32, and for PyTorch's autocast beside its float32, on the same weights and images. Prints both per block of the
// network, and their ratio: on average over the parameters, and in the worst block.
//
//   CSL_PYTHON=<python with torch> pnpm --filter @csl/benchmarks torch-precision [--batch 8] [--size 224] [--seeds 1]
import { parseArgs } from "node:util";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { partialLoss } from "@csl/partial-loss";
import { startTorch } from "@csl/tfjs-backend-torch";
import { createTResNet, type StateDict, type TResNetShape } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs";
import { inPyTorch } from "../python/in-pytorch.js";

const { values: flags } = parseArgs({
  options: {
    batch: { type: "string", default: "8" },
    size: { type: "string", default: "224" },
    seeds: { type: "string", default: "1" },
  },
});
const [batch, size, classes] = [Number(flags.batch), Number(flags.size), 80];
const shape: TResNetShape = {
  layers: [3, 4, 11, 3],
  width: 1,
  blocks: ["basic", "basic", "bottleneck", "bottleneck"],
};

/** Random filters as a training starts with, but every residual branch counts: its last norm is 0.2, not 0. */
async function startingState(seed: number): Promise<StateDict> {
  const model = createTResNet({ variant: shape, numClasses: classes, seed });
  const state = await model.stateDict();
  model.dispose();
  for (const [key, { data }] of state)
    if (/\.conv[23]\.1\.weight$/.test(key) && data.every((w) => w === 0)) data.fill(0.2);
  return state;
}

async function gradientsOf(
  precision: "float32" | "bf16",
  state: StateDict,
  images: Float32Array,
  labels: Float32Array,
): Promise<Map<string, Float32Array>> {
  tf.removeBackend("torch");
  await startTorch({ precision });
  await tf.setBackend("torch");
  const model = createTResNet({ variant: shape, numClasses: classes });
  await model.loadStateDict(state);
  const { value, grads } = tf.variableGrads(
    () =>
      partialLoss(
        model.forward(tf.tensor4d(images, [batch, size, size, 3]), { training: true }),
        tf.tensor2d(labels, [batch, classes]),
        // The plain cross-entropy.
        { gamma: { positive: 0, negative: 0, unannotated: 0 } },
      ),
    [...model.parameters().values()],
  );
  const gradients = new Map(
    [...model.parameters()].map(([key, { name }]) => [key, grads[name]!.dataSync<"float32">()]),
  );
  model.dispose();
  tf.dispose([value, grads]);
  return gradients;
}

function distance(actual: Float32Array, exact: Float32Array): number {
  const norm = (values: Float32Array): number =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return norm(actual.map((value, i) => value - exact[i]!)) / norm(exact);
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

const entries: { block: string; ours: number; theirs: number }[] = [];
await startTorch();
await tf.setBackend("torch");
for (let seed = 1; seed <= Number(flags.seeds); seed++) {
  const random = mulberry32(seed);
  const images = Float32Array.from({ length: batch * size * size * 3 }, random);
  const labels = Float32Array.from({ length: batch * classes }, () => (random() < 0.05 ? 1 : 0));
  const state = await startingState(seed);
  const exact = await gradientsOf("float32", state, images, labels);
  const rounded = await gradientsOf("bf16", state, images, labels);
  const theirs = inPyTorch<Record<string, number>>("precision.py", {
    ...{ shape, classes, state },
    images: { shape: [1, batch, size, size, 3], data: images },
    labels: { shape: [1, batch, classes], data: labels },
  });
  for (const [key, gradient] of exact)
    entries.push({
      block: /^(body\.layer\d\.\d+|body\.conv1|head)/.exec(key)![0],
      ours: distance(rounded.get(key)!, gradient),
      theirs: theirs[key]!,
    });
}

const ratio = (list: typeof entries): number => mean(list.map(({ ours, theirs }) => ours / theirs));
console.log(`${"block".padEnd(16)}    bf16  autocast   ratio`);
let worst = { block: "", ratio: 0 };
for (const block of new Set(entries.map((entry) => entry.block))) {
  const list = entries.filter((entry) => entry.block === block);
  if (ratio(list) > worst.ratio) worst = { block, ratio: ratio(list) };
  const cells = [mean(list.map((entry) => entry.ours)), mean(list.map((entry) => entry.theirs)), ratio(list)];
  console.log(block.padEnd(16) + cells.map((cell) => cell.toFixed(3).padStart(8)).join(""));
}
console.log(
  `as far as autocast's: ${ratio(entries).toFixed(2)} times on average over ${entries.length} parameters, ` +
    `${worst.ratio.toFixed(2)} times in the worst block, ${worst.block}`,
);
process.exit();
