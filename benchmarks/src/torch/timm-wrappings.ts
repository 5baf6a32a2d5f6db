// Do TResNets that timm trained give timm's logits here, whatever program saved them?
//
//   python tooling/reference/timm_wrappings.py FOLDER
//   pnpm --filter @csl/benchmarks timm-wrappings FOLDER [ENGINE]
//
// Prints what became of the tensors of each file, and its error against PyTorch's float64, in units of the error that
// PyTorch's own float32 has: the root of the mean square over all logits (which repeats from run to run), and the largest
// one (which of 640 logits still differs by a third). Fails where one of them is above 3.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type EngineName, startEngine } from "@csl/engine";
import { createTResNet, type TResNet } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs-core";
import { readModelFile } from "../../../packages/cli/src/models/read-model-file.js";
import { formatWeightsReport, weightsReport } from "../../../packages/cli/src/models/weights-report.js";

interface Reference {
  shape: [number, number, number, number];
  negative: number;
  single: number[];
  double: number[];
}

interface Errors {
  rms: number;
  largest: number;
}

const imagesAtOnce = 4;

const [folder, prefer = "torch"] = process.argv.slice(2);
if (folder === undefined) throw new Error("expected the folder that timm_wrappings.py wrote");
await startEngine({ prefer: prefer as EngineName });

const worst: Errors = { rms: 0, largest: 0 };
for (const name of readdirSync(folder).filter((file) => file.endsWith(".json"))) {
  const model = name.replace(".json", "");
  const { shape, negative, single, double } = JSON.parse(
    readFileSync(join(folder, name), "utf8"),
  ) as Reference;
  const { buffer, byteOffset, byteLength } = readFileSync(join(folder, `${model}.images`));
  const images = new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  const own = errorsOf(single, double);
  const spread = Math.max(...double) - Math.min(...double);
  console.log(
    `\n${model}: ${negative} negative norm weights; ${double.length} logits with a spread of ${spread.toFixed(3)}; ` +
      `float32 in PyTorch: RMS error ${own.rms.toExponential(2)}, largest ${own.largest.toExponential(2)}`,
  );
  for (const file of readdirSync(folder).filter((other) => other.startsWith(`${model}-`))) {
    const read = await readModelFile(join(folder, file));
    const network = createTResNet(read.model!);
    console.log(formatWeightsReport(weightsReport(read, network.loadStateDict(read.state), read.path)));
    const ours = errorsOf(await logitsOf(network, images, shape), double);
    network.dispose();
    const ratios: Errors = { rms: ours.rms / own.rms, largest: ours.largest / own.largest };
    worst.rms = Math.max(worst.rms, ratios.rms);
    worst.largest = Math.max(worst.largest, ratios.largest);
    console.log(
      `  RMS error ${ours.rms.toExponential(2)}, ${ratios.rms.toFixed(2)} times PyTorch's own float32; ` +
        `largest ${ours.largest.toExponential(2)}, ${ratios.largest.toFixed(2)} times`,
    );
  }
}
console.log(
  `\nworst: RMS ${worst.rms.toFixed(2)}, largest ${worst.largest.toFixed(2)} times PyTorch's own float32 error (at most 3)`,
);
if (!(worst.rms <= 3 && worst.largest <= 3)) process.exitCode = 1;

async function logitsOf(
  network: TResNet,
  images: Float32Array,
  [count, ...size]: Reference["shape"],
): Promise<number[]> {
  const logits: number[] = [];
  const perImage = images.length / count;
  for (let i = 0; i < count; i += imagesAtOnce) {
    const part = images.subarray(i * perImage, (i + imagesAtOnce) * perImage);
    const input = tf.tensor4d(part, [part.length / perImage, ...size]);
    const output = network.forward(input);
    logits.push(...(await output.data()));
    tf.dispose([input, output]);
  }
  return logits;
}

function errorsOf(logits: readonly number[], exact: readonly number[]): Errors {
  const errors = logits.map((value, i) => Math.abs(value - exact[i]!));
  return {
    rms: Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length),
    largest: Math.max(...errors),
  };
}
