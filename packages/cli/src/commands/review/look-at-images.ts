import type { ImageList } from "@csl/image-batches";
import type { TResNet } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs-core";
import { type BatchOptions, closeLoaders, readOnce, unreadableNotices } from "../../data/image-loaders.js";
import type { Context } from "../../flags/command.js";
import { startProgress } from "../../terminal/progress.js";

/** What a network says of images, one row each. */
export interface Outputs {
  values: Float32Array;
  /** Numbers a row. */
  width: number;
  /** Positions in the list of the images that could be read, ascending; row i is of `read[i]`. */
  read: number[];
}

/** The pooled features of a network for every image, or its logits. */
export async function lookAtImages(
  model: TResNet,
  images: ImageList,
  {
    what,
    imageSize,
    ...options
  }: Omit<BatchOptions, "imageSize"> & { what: "features" | "logits"; imageSize: number },
  { terminal, signal }: Context,
): Promise<Outputs> {
  const loader = readOnce(images, options, { size: imageSize, signal });
  const notice = unreadableNotices([loader.unreadable], terminal);
  const show = startProgress(terminal, { label: "look at images", unit: "images" });
  const rows: { position: number; values: Float32Array }[] = [];
  try {
    for await (const { images: pixels, indices, size, height, width } of loader.batches()) {
      signal.throwIfAborted();
      const outputs = tf.tidy(() => {
        const batch = tf.div(
          tf.tensor4d(Float32Array.from(pixels), [size, height, width, 3]),
          255,
        ) as tf.Tensor4D;
        return what === "logits" ? model.forward(batch) : tf.mean(model.features(batch), [1, 2]);
      });
      const values = (await outputs.data()) as Float32Array;
      outputs.dispose();
      const length = values.length / size;
      for (let i = 0; i < size; i++)
        rows.push({ position: indices[i]!, values: values.slice(i * length, (i + 1) * length) });
      notice();
      show(rows.length, images.length);
    }
    notice();
  } finally {
    terminal.endStatus();
    await closeLoaders([loader], terminal);
  }
  rows.sort((a, b) => a.position - b.position);
  const width = rows[0]?.values.length ?? 0;
  const values = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) values.set(row.values, i * width);
  return { values, width, read: rows.map(({ position }) => position) };
}
