// What tagging images costs an application: seconds from the first import to the first tags, and images per second, one at a
// time and all at once. @csl/tagger, which computes by onnxruntime, beside the same network on TensorFlow.js (@csl/tresnet with
// folded norms, an engine of @csl/engine). Each in a process of its own; the processes alternate. Decoding and resizing are included.
// Packages are those that `pnpm build` made, so that no compiler is in the first tag's time.
//
//   pnpm build && pnpm --filter @csl/benchmarks tag-images --run FOLDER_OF_A_TRAINING --images FOLDER [--engine wasm] [--count 200] [--repeats 3]
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { EngineName } from "@csl/engine";

const { values } = parseArgs({
  options: {
    run: { type: "string" },
    images: { type: "string" },
    engine: { type: "string", default: "wasm" },
    count: { type: "string", default: "200" },
    repeats: { type: "string", default: "3" },
    one: { type: "string" },
    model: { type: "string" },
  },
});
if (!values.run || !values.images)
  throw new Error("tag-images: expected --run with a training's folder and --images with a folder of images");
const from = process.env.INIT_CWD ?? ".";
const [run, folder] = [resolve(from, values.run), resolve(from, values.images)];
const checkpoint = join(run, "best.safetensors");
const batchSize = 16;

type Tag = (files: Uint8Array[]) => Promise<unknown>;

/** Imports and opens; gives a function that tags images. */
const contestants: Record<string, () => Promise<Tag>> = {
  async "@csl/tagger"() {
    const { createTagger } = await import("@csl/tagger");
    const tagger = await createTagger(values.model!, { batchSize });
    return (files) => tagger.tag(files);
  },
  async "TensorFlow.js"() {
    const tf = await import("@tensorflow/tfjs-core");
    const [{ startEngine }, { createTResNet }, { loadCheckpoint }, { decodeImage, resize }] =
      await Promise.all([
        import("@csl/engine"),
        import("@csl/tresnet"),
        import("@csl/checkpoints"),
        import("@csl/image-batches"),
      ]);
    await startEngine({ prefer: values.engine as EngineName });
    const { state, config } = await loadCheckpoint(checkpoint);
    const { model, imageSize: size } = config as {
      model: Parameters<typeof createTResNet>[0];
      imageSize: number;
    };
    const network = createTResNet(model);
    network.loadStateDict(state);
    const folded = network.foldBatchNorm();
    return async (files) => {
      for (let start = 0; start < files.length; start += batchSize) {
        const batch = files.slice(start, start + batchSize);
        const pixels = new Float32Array(batch.length * size * size * 3);
        for (const [i, file] of batch.entries()) {
          const { data } = resize(await decodeImage(file), { width: size, height: size });
          for (let p = 0; p < data.length; p++) pixels[i * data.length + p] = data[p]! / 255;
        }
        const logits = tf.tidy(() => folded.forward(tf.tensor4d(pixels, [batch.length, size, size, 3])));
        await logits.data();
        logits.dispose();
      }
    };
  },
};

if (values.one) await measure(contestants[values.one]!);
else {
  const temporary = mkdtempSync(join(tmpdir(), "csl-tag-images-"));
  const model = join(temporary, "model.onnx");
  const node = (...words: string[]) => execFileSync(process.execPath, words, { encoding: "utf8" });
  try {
    const cli = fileURLToPath(new URL("../../../packages/cli/bin/csl.js", import.meta.url));
    node(cli, "export", run, "--out", model);
    console.log("| | seconds to the first tags | images/s, one at a time | images/s, all at once |");
    console.log("| --- | ---: | ---: | ---: |");
    const options = ["--run", run, "--images", folder, "--engine", values.engine, "--count", values.count];
    for (let repeat = 0; repeat < Number(values.repeats); repeat++)
      for (const one of Object.keys(contestants)) {
        const own = ["--import", "tsx", fileURLToPath(import.meta.url), "--one", one, "--model", model];
        console.log(`| ${one} | ${node(...own, ...options).trim()} |`);
      }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function measure(open: () => Promise<Tag>): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /\.jpe?g$/i.test(name)).sort();
  const files = await Promise.all(
    names.slice(0, Number(values.count)).map((name) => readFile(join(folder, name))),
  );
  const seconds = async (work: () => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    await work();
    return (performance.now() - start) / 1000;
  };
  let tag!: Tag;
  const first = await seconds(async () => {
    tag = await open();
    await tag([files[0]!]);
  });
  await tag(files.slice(0, batchSize)); // the shape of a full batch is prepared
  const single = await seconds(async () => {
    for (const file of files) await tag([file]);
  });
  const together = await seconds(() => tag(files));
  console.log(
    [first.toFixed(2), ...[single, together].map((time) => (files.length / time).toFixed(0))].join(" | "),
  );
  process.exit(0);
}
