import type { Random } from "@csl/internal/random/mulberry32";
import * as tf from "@tensorflow/tfjs-core";
import { seededRandom } from "../seeded-random.js";

/** Sets a part of x to 0 and scales the rest, so that the mean stays; each call draws anew. */
export type Dropout = <T extends tf.Tensor>(x: T) => T;

/**
 * The dropout of one training step: the same numbers for the same seed and step on every engine, so that a resumed
 * training goes on as it would have.
 *
 * Only a number per row and one per column is drawn; an entry's is the fraction of their product. Two entries are still
 * independent of each other. A product and its fraction are exact or rounded alike everywhere, and a device has to be sent
 * rows + columns numbers instead of rows · columns.
 */
export function seededDropout({ seed, step, rate }: { seed: number; step: number; rate: number }): Dropout {
  const random = seededRandom(seed, `dropout ${step}`);
  return <T extends tf.Tensor>(x: T): T => {
    const width = x.shape.at(-1)!;
    const rows = factors(random, x.size / width);
    const columns = factors(random, width);
    const apply = tf.customGrad((...args) => {
      const [input, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
      const mask = tf.reshape(keepMask(rows, columns, rate), input.shape);
      save([mask]);
      return { value: tf.mul(input, mask), gradFunc: (dy, [kept]) => tf.mul(dy, kept!) };
    });
    return apply(x) as T;
  };
}

/** In [32, 64): a product is in [1024, 4096), where float32 has twelve binary digits of fraction and more. */
function factors(random: Random, count: number): Float32Array {
  return Float32Array.from({ length: count }, () => 32 + 32 * random());
}

/** [rows, columns] of 1 / (1 - rate) where an entry stays, else 0. */
function keepMask(rows: Float32Array, columns: Float32Array, rate: number): tf.Tensor {
  const products = tf.mul(tf.tensor(rows, [rows.length, 1]), tf.tensor(columns, [1, columns.length]));
  const fractions = tf.sub(products, tf.floor(products));
  return tf.mul(tf.cast(tf.greaterEqual(fractions, rate), "float32"), 1 / (1 - rate));
}
