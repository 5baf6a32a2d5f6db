import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { loadCheckpoint } from "@csl/checkpoints";
import { openDataset } from "@csl/datasets";
import { startEngine } from "@csl/engine";
import { createImageLoader } from "@csl/image-batches";
import { pretrainedBody } from "@csl/scenes";
import { createTResNet, detectTResNet } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs-core";

/** A split of scenes: what the small body of @csl/scenes sees in its images, and all labels. */
export interface SceneFeatures {
  features: Float32Array;
  dimensions: number;
  labels: Int8Array;
  numClasses: number;
  samples: number;
  classIds: readonly string[];
  /** Path of each image. */
  paths: readonly string[];
}

/** Of each split; the features are kept in `out`, so that a second run begins at once. */
export async function sceneFeatures(
  data: string,
  out: string,
  splits: readonly string[],
): Promise<SceneFeatures[]> {
  const dataset = await openDataset(data);
  const found: SceneFeatures[] = [];
  for (const name of splits) {
    const split = await dataset.split(name);
    const { list, selectRows } = await split.images();
    const table = selectRows(split.truth);
    const labels = table.dense(Array.from({ length: table.numSamples }, (_, i) => i));
    const path = join(out, `${name}.f32`);
    const kept = await readFile(path).catch(() => undefined);
    const features = kept
      ? new Float32Array(kept.buffer, kept.byteOffset, kept.length / 4)
      : await computeFeatures(list);
    if (!kept) await writeFile(path, features);
    const dimensions = features.length / table.numSamples;
    found.push({
      ...{ features, dimensions, labels, numClasses: table.numClasses, samples: table.numSamples },
      classIds: table.classes.ids,
      paths: Array.from({ length: list.length }, (_, i) => resolve(String(list.at(i)))),
    });
  }
  return found;
}

async function computeFeatures(list: Parameters<typeof createImageLoader>[0]): Promise<Float32Array> {
  await startEngine();
  const { state } = await loadCheckpoint(pretrainedBody());
  const model = createTResNet(detectTResNet(state));
  model.loadStateDict(state);
  const loader = createImageLoader(list, { size: 64, batchSize: 64, workers: 1, dtype: "float32" });
  const parts: Float32Array[] = [];
  for await (const { images, size, height, width } of loader.epoch(0)) {
    const pooled = tf.tidy(() =>
      tf.mean(model.features(tf.tensor4d(Float32Array.from(images), [size, height, width, 3])), [1, 2]),
    );
    parts.push((await pooled.data()) as Float32Array);
    pooled.dispose();
  }
  await loader.close();
  model.dispose();
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
