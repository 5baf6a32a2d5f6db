// Do TResNets that timm trained give timm's logits here, whatever program saved them?
//
//   python tooling/reference/timm_wrappings.py FOLDER
//   pnpm --filter @csl/benchmarks timm-wrappings FOLDER [ENGINE]
//
// Prints what became of the tensors of each file, and its largest error against PyTorch's float64, in units of the error
// that PyTorch's own float32 has. Fails above 3.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type EngineName, startEngine } from "@csl/engine";
import { createTResNet } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs-core";
import { readModelFile } from "../../../packages/cli/src/models/read-model-file.js";
import { formatWeightsReport, weightsReport } from "../../../packages/cli/src/models/weights-report.js";

interface Reference {
  images: number[];
  shape: [number, number, number, number];
  negative: number;
  single: number[];
  double: number[];
}

const [folder, prefer = "torch"] = process.argv.slice(2);
if (folder === undefined) throw new Error("expected the folder that timm_wrappings.py wrote");
await startEngine({ prefer: prefer as EngineName });

let worst = 0;
for (const name of readdirSync(folder).filter((file) => file.endsWith(".json"))) {
  const model = name.replace(".json", "");
  const { images, shape, negative, single, double } = JSON.parse(
    readFileSync(join(folder, name), "utf8"),
  ) as Reference;
  const own = largestDifference(single, double);
  const spread = Math.max(...double) - Math.min(...double);
  console.log(
    `\n${model}: ${negative} negative norm weights; float32 in PyTorch is ${own.toExponential(2)} off, of a spread of ${spread.toFixed(3)}`,
  );
  const input = tf.tensor4d(Float32Array.from(images), shape);
  for (const file of readdirSync(folder).filter((other) => other.startsWith(`${model}-`))) {
    const read = await readModelFile(join(folder, file));
    const network = createTResNet(read.model!);
    console.log(formatWeightsReport(weightsReport(read, network.loadStateDict(read.state), read.path)));
    const logits = network.forward(input);
    const ratio = largestDifference([...(await logits.data())], double) / own;
    worst = Math.max(worst, ratio);
    console.log(
      `  logits: ${(ratio * own).toExponential(2)} off, ${ratio.toFixed(2)} times PyTorch's own float32`,
    );
    logits.dispose();
    network.dispose();
  }
  input.dispose();
}
console.log(`\nworst: ${worst.toFixed(2)} times PyTorch's own float32 error (at most 3)`);
if (!(worst <= 3)) process.exitCode = 1;

function largestDifference(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
}
