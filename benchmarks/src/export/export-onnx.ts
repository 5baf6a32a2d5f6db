// Exported networks beside our own inference, in one run whose repetitions alternate: size, how far the logits are apart, and
// images per second. The networks have weights of a seed, and the statistics of the batch that they are measured on.
//
//   pnpm --filter @csl/benchmarks export-onnx [--networks m,l] [--engine wasm] [--size 224] [--batch 4] [--repeat 5] [--keep folder]
//
// The noise of float32 is the largest difference between two ways of our own: norms folded and apart.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeSafetensors } from "@csl/checkpoints";
import { type EngineName, startEngine } from "@csl/engine";
import { exportOnnx, type Precision } from "@csl/export";
import { resize } from "@csl/image-batches";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { createTResNet, type TResNet, type TResNetShape, type TResNetVariant } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs-core";
import { InferenceSession, Tensor } from "onnxruntime-node";

const { values: flags } = parseArgs({
  options: {
    networks: { type: "string", default: "tiny,m,l,xl,l-v2" },
    engine: { type: "string", default: "wasm" },
    size: { type: "string", default: "224" },
    batch: { type: "string", default: "4" },
    repeat: { type: "string", default: "5" },
    keep: { type: "string" },
  },
});
const [size, batch, repeat] = [flags.size, flags.batch, flags.repeat].map(Number) as [number, number, number];
const numClasses = 80;
const basic = ["basic", "basic", "basic", "basic"] as const;
const tiny: TResNetShape = { layers: [1, 1, 1, 1], width: 0.25, blocks: basic };
const precisions: Precision[] = ["float32", "float16", "int8"];

const engine = await startEngine({ prefer: flags.engine as EngineName });
console.log(`engine ${engine.name}, images of ${size} pixels, batches of ${batch}, ${numClasses} classes\n`);
console.log(
  "| network | form | MB | largest difference of logits | in units of float32's noise | images/s | beside ours |",
);
console.log("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
const folder = flags.keep ?? join(tmpdir(), `csl-export-${process.pid}`);
mkdirSync(folder, { recursive: true });
try {
  for (const name of flags.networks.split(","))
    await compare(name, name === "tiny" ? tiny : (name as TResNetVariant));
} finally {
  if (flags.keep === undefined) rmSync(folder, { recursive: true, force: true });
}

async function compare(name: string, variant: TResNetVariant | TResNetShape): Promise<void> {
  const model = createTResNet({ variant, numClasses, seed: 1 });
  const bytes = photographLike(batch);
  const images = tf.tensor4d(
    Float32Array.from(bytes, (byte) => byte / 255),
    [batch, size, size, 3],
  );
  await settle(model, images);
  const state = await model.stateDict();
  const apart = await valuesOf(model.forward(images));
  const folded = model.foldBatchNorm();
  model.dispose();
  const ours = await valuesOf(folded.forward(images));
  const noise = difference(apart, ours);
  const contestants = new Map<string, () => Promise<unknown>>([
    [
      "ours",
      () =>
        valuesOf(
          tf.tidy(() =>
            folded.forward(
              tf.tensor4d(
                Float32Array.from(bytes, (byte) => byte / 255),
                [batch, size, size, 3],
              ),
            ),
          ),
        ),
    ],
  ]);
  const rows: { form: string; size: number; apart: number }[] = [];
  const sessions: InferenceSession[] = [];
  const classes = Array.from({ length: numClasses }, (_, i) => ({ id: `${i}`, name: `class ${i}` }));
  for (const precision of precisions) {
    const { config } = model;
    const file = exportOnnx({ model: config, state, precision, facts: { imageSize: size, classes } });
    const path = join(folder, `${name}.${precision}.onnx`);
    writeFileSync(path, Buffer.concat([...file.parts()]));
    const session = await InferenceSession.create(path, { logSeverityLevel: 3 });
    sessions.push(session);
    const run = async (): Promise<Float32Array> => {
      const { logits } = await session.run({ images: new Tensor("uint8", bytes, [batch, size, size, 3]) });
      return logits!.data as Float32Array;
    };
    contestants.set(precision, run);
    rows.push({ form: precision, size: file.byteLength, apart: difference(await run(), ours) });
  }
  if (flags.keep !== undefined) {
    await writeSafetensors(join(folder, `${name}.safetensors`), state);
    writeFileSync(
      join(folder, `${name}.json`),
      JSON.stringify({ size, batch, noise, images: [...bytes], logits: [...ours] }),
    );
  }
  const seconds = await interleaved(contestants);
  const speed = (form: string): string => (batch / seconds.get(form)!).toFixed(2);
  const weights = [...state.values()].reduce((sum, { data }) => sum + data.length * 4, 0);
  console.log(
    `| ${name} | ours | ${(weights / 1e6).toFixed(1)} | ${noise.toExponential(1)} (folded and apart) | 1 | ${speed("ours")} | 1.00 |`,
  );
  for (const { form, size: length, apart: far } of rows)
    console.log(
      `| ${name} | ONNX ${form} | ${(length / 1e6).toFixed(1)} | ${far.toExponential(1)} | ${(far / noise).toPrecision(2)} | ${speed(form)} | ${(seconds.get("ours")! / seconds.get(form)!).toFixed(2)} |`,
    );
  for (const session of sessions) await session.release();
  images.dispose();
  folded.dispose();
}

/** One pass in training mode gives every norm the statistics of the batch; the running ones take a tenth of them. */
async function settle(model: TResNet, images: tf.Tensor4D): Promise<void> {
  const random = mulberry32(2);
  // New norms begin with weights that hide half of the blocks.
  for (const [key, variable] of model.parameters())
    if (variable.rank === 1) {
      const isWeight = key.endsWith("weight");
      const values = Float32Array.from({ length: variable.size }, () =>
        isWeight ? 0.4 + 0.6 * random() : random() - 0.5,
      );
      tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
    }
  model.forward(images, { training: true }).dispose();
  for (const [key, variable] of model.buffers()) {
    const settled = tf.tidy(() =>
      key.endsWith("running_mean") ? tf.mul(variable, 10) : tf.mul(tf.sub(variable, 0.9), 10),
    );
    variable.assign(settled);
    settled.dispose();
  }
}

/** Smooth images: noise of single pixels looks alike to a network. */
function photographLike(count: number): Uint8Array {
  const random = mulberry32(3);
  const images = Array.from({ length: count }, () => {
    const data = Uint8Array.from({ length: 7 * 7 * 3 }, () => random() * 256);
    return resize({ data, width: 7, height: 7 }, { width: size, height: size }).data;
  });
  return Uint8Array.from(Buffer.concat(images));
}

/** The median of each contestant's seconds; the first round is not counted. */
async function interleaved(
  contestants: ReadonlyMap<string, () => Promise<unknown>>,
): Promise<Map<string, number>> {
  const seconds = new Map([...contestants.keys()].map((name) => [name, [] as number[]]));
  for (let round = 0; round <= repeat; round++)
    for (const [name, run] of contestants) {
      const start = performance.now();
      await run();
      if (round > 0) seconds.get(name)!.push((performance.now() - start) / 1000);
    }
  return new Map([...seconds].map(([name, list]) => [name, list.sort((a, b) => a - b)[list.length >> 1]!]));
}

async function valuesOf(tensor: tf.Tensor): Promise<Float32Array> {
  const values = (await tensor.data()) as Float32Array;
  tensor.dispose();
  return values;
}

function difference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}
