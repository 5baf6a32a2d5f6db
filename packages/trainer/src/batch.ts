import { CslError } from "@csl/internal/errors/csl-error";
import { firstNonFinite } from "@csl/internal/tensors/first-non-finite";
import * as tf from "@tensorflow/tfjs-core";

/** One batch on the host: images [size, height, width, 3] and labels [size, classes]. */
export interface Batch {
  /** RGB, NHWC. Bytes 0–255 are divided by 255; floats are taken as they are, in [0, 1]. */
  images: Uint8Array | Float32Array;
  /** 1 positive, 0 negative, -1 un-annotated; row after row. From JavaScript, arrays of other numbers are converted. */
  labels: Float32Array | Int8Array;
  size: number;
  height: number;
  width: number;
  /** Which samples of the training set these are, from 0: for losses that keep numbers of each sample. */
  samples?: ArrayLike<number>;
}

/** A batch whose labels are not needed, as for the class prior. */
export type ImagesOnly = Omit<Batch, "labels" | "samples">;

/** Batches in order; an array works as well as an async generator. */
export type Batches<TBatch = Batch> = AsyncIterable<TBatch> | Iterable<TBatch>;

/** byte / 255 in float32, as the reference's ToTensor. In host memory one pass is cheaper than a cast and a division. */
const scaled = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/**
 * The images of a batch in [0, 1], [size, height, width, 3].
 *
 * @throws when there are not exactly size · height · width · 3 numbers, for numbers of another kind, and for floats that
 * go to 255.
 */
export function imageTensor({ images, size, height, width }: ImagesOnly): tf.Tensor4D {
  const expected = size * height * width * 3;
  if (!(size > 0) || images.length !== expected)
    throw new CslError(
      "invalid-argument",
      `batch: expected ${size} × ${height} × ${width} × 3 = ${expected} image values, got ${images.length}. Are the images RGB?`,
    );
  // JavaScript gives other arrays, too.
  const given: unknown = images;
  if (given instanceof Float32Array || given instanceof Float64Array) {
    requireUnitRange(given);
    return tf.tensor4d(given instanceof Float32Array ? given : Float32Array.from(given), [
      size,
      height,
      width,
      3,
    ]);
  }
  if (!(given instanceof Uint8Array || given instanceof Uint8ClampedArray))
    throw new CslError(
      "invalid-argument",
      `batch: expected images as bytes (Uint8Array, 0 to 255) or floats in [0, 1] (Float32Array), got ${kindOf(given)}. ` +
        "Divide 16-bit images by 65535.",
    );
  if ((tf.backend() as { takesBytes?: boolean }).takesBytes)
    return scaledOnDevice(new Uint8Array(given.buffer, given.byteOffset, given.length), [
      size,
      height,
      width,
      3,
    ]);
  const values = new Float32Array(images.length);
  for (let i = 0; i < values.length; i++) values[i] = scaled[images[i]!]!;
  return tf.tensor4d(values, [size, height, width, 3]);
}

/** Normalised images may leave [0, 1] by a little; ones that were not divided by 255 go far. */
const farthest = 16;
/** So many numbers of a batch are looked at. */
const looks = 4096;

function requireUnitRange(images: Float32Array | Float64Array): void {
  const step = Math.max(1, Math.floor(images.length / looks));
  for (let i = 0; i < images.length; i += step)
    if (Math.abs(images[i]!) > farthest)
      throw new CslError(
        "invalid-argument",
        `batch: expected images as floats in [0, 1], got ${images[i]}. Divide them by 255, or give bytes (Uint8Array).`,
      );
}

function kindOf(value: unknown): string {
  return (value as object | undefined)?.constructor?.name ?? String(value);
}

/** Moves a quarter of the bytes to a device with its own memory; the quotient is the same there. */
function scaledOnDevice(bytes: Uint8Array, shape: [number, number, number, number]): tf.Tensor4D {
  return tf.tidy(() => {
    // tf.tensor would make four bytes of each one first.
    const tensor = tf.engine().makeTensor(bytes, shape, "int32");
    return tf.div(tf.cast(tensor, "float32"), 255) as tf.Tensor4D;
  });
}

export interface BatchTensors {
  images: tf.Tensor4D;
  labels: tf.Tensor2D;
}

/** The first value of a batch's images that is not finite; bytes are. */
export function firstBadPixel({ images }: Batch): ReturnType<typeof firstNonFinite> {
  return images instanceof Uint8Array ? undefined : firstNonFinite(images);
}

/**
 * Images and labels of a batch; labels as float32 [size, classes]. The caller owns both.
 *
 * @throws for a wrong number of values, or a label that is not 1, 0 or -1.
 */
export function batchTensors(batch: Batch, numClasses: number): BatchTensors {
  const { size } = batch;
  const given: unknown = batch.labels;
  const labels = given instanceof BigInt64Array ? Float32Array.from(given, Number) : batch.labels;
  if (labels.length !== size * numClasses)
    throw new CslError(
      "invalid-argument",
      `batch: expected ${size} × ${numClasses} labels, got ${labels.length}. Is the class list the model's?`,
    );
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label !== 0 && label !== 1 && label !== -1)
      throw new CslError(
        "invalid-argument",
        `batch: expected labels 1, 0 or -1, got ${label} in row ${Math.floor(i / numClasses)}, class ${i % numClasses}.`,
      );
  }
  const images = imageTensor(batch);
  return { images, labels: tf.tensor2d(Float32Array.from(labels), [size, numClasses]) };
}

/** Lists of `size` items, the last one shorter; the first `skip` items are read and dropped. */
export async function* groups<T>(
  items: AsyncIterable<T> | Iterable<T>,
  { size, skip = 0 }: { size: number; skip?: number },
): AsyncGenerator<T[], void, undefined> {
  let group: T[] = [];
  let index = 0;
  for await (const item of items) {
    if (index++ < skip) continue;
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
