// What tooling/reference/torch_agreement.py trains on, computed again: only its results are stored.

import { type StateDict, stateDictShapes, type TResNetShape } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs";

/** A network and the size of its batches, as fixtures/agreement.json has them. */
export interface Setting {
  layers: number[];
  width: number;
  classes: number;
  batch: number;
  size: number;
}

export function shapeOf({ layers, width }: Setting): TResNetShape {
  return {
    layers: layers as [number, number, number, number],
    width,
    blocks: ["basic", "basic", "bottleneck", "bottleneck"],
  };
}

/** `count` float32 numbers in [-1, 1) from a name: FNV-1a, then a 32-bit mixer per position. */
export function uniform(name: string, count: number): Float32Array {
  let seed = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) seed = Math.imul(seed ^ name.charCodeAt(i), 0x01000193);
  return Float32Array.from({ length: count }, (_, i) => {
    let x = (Math.imul(i, 0x9e3779b9) + seed) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    return ((x ^ (x >>> 16)) >>> 8) / 2 ** 23 - 1;
  });
}

/** Convolutions and the head at random; norms at 1, those that end a residual branch at 0.2; every bias 0. */
export function startingWeights(setting: Setting): StateDict {
  const shapes = stateDictShapes({ variant: shapeOf(setting), numClasses: setting.classes });
  return new Map([...shapes].map(([key, shape]) => [key, { shape, data: startOf(key, shape) }]));
}

function startOf(key: string, shape: readonly number[]): Float32Array {
  const size = shape.reduce((a, b) => a * b, 1);
  if (shape.length <= 1) {
    const ends = /\.conv[23]\.1\.weight$/.test(key);
    return new Float32Array(size).fill(ends ? 0.2 : /(1\.weight|running_var)$/.test(key) ? 1 : 0);
  }
  const scale = Math.fround(Math.sqrt((3 * shape[0]!) / size));
  return uniform(key, size).map((value) => value * scale);
}

/** Images in [0, 1) and labels of which three tenths are present. */
export function batchOf(
  index: number,
  { batch, size, classes }: Setting,
): { images: tf.Tensor4D; labels: tf.Tensor2D } {
  const pixels = uniform(`pictures${index}`, batch * size * size * 3).map(
    (value) => Math.fround(value + 1) / 2,
  );
  const labels = uniform(`labels${index}`, batch * classes).map((value) => (value > 0.4 ? 1 : 0));
  return {
    images: tf.tensor4d(pixels, [batch, size, size, 3]),
    labels: tf.tensor2d(labels, [batch, classes]),
  };
}
