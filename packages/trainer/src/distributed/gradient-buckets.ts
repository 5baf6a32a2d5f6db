import * as tf from "@tensorflow/tfjs-core";
import type { Collectives } from "./collectives.js";

/** Numbers from which on a bucket is full: 8 MB, large beside a message's fixed cost and small beside a network. */
const bucketSize = 2_000_000;

/**
 * The parameters in buckets whose gradients are summed together, from the last parameter to the first: in that order the
 * backward pass has their gradients. Borders follow from the parameters alone, so they are the same on all ranks and in all steps,
 * and with them the order in which numbers are added.
 */
export function bucketsOf(parameters: ReadonlyMap<string, tf.Tensor>, size: number = bucketSize): string[][] {
  const buckets: string[][] = [[]];
  let numbers = 0;
  for (const [key, tensor] of [...parameters].reverse()) {
    if (numbers >= size) {
      buckets.push([]);
      numbers = 0;
    }
    buckets.at(-1)!.push(key);
    numbers += tensor.size;
  }
  return buckets;
}

/** A sum over the ranks that is under way. */
export interface Sum {
  /** The sums, as tensors of their shapes, and the sums of `more`. The caller owns the tensors. */
  result(): Promise<{ tensors: tf.Tensor[]; more: Float32Array }>;
  dispose(): void;
}

/** Starts to sum tensors over the ranks, and numbers with them. The tensors stay as they are, and are needed until its end. */
export type StartSum = (tensors: readonly tf.Tensor[], more?: Float32Array) => Sum;

/** One tensor holds all numbers: it is summed where it lies. */
export function sumOnDevice(collectives: Required<Pick<Collectives, "allReduceTensor">>): StartSum {
  return (tensors, more = new Float32Array(0)) => {
    const all = tf.tidy(() => {
      const parts = tensors.map((tensor) => tf.reshape(tensor, [-1]));
      return tf.keep(tf.concat(more.length > 0 ? [...parts, tf.tensor1d(more)] : parts));
    });
    const shapes = tensors.map(({ shape }) => shape);
    const done = watched(collectives.allReduceTensor(all));
    return {
      async result() {
        await done;
        const rest = tf.slice(all, [all.size - more.length]);
        try {
          return { tensors: cut(all, shapes), more: await rest.data<"float32">() };
        } finally {
          rest.dispose();
        }
      },
      dispose: () => all.dispose(),
    };
  };
}

/**
 * By way of arrays, for engines whose memory cannot be reached.
 *
 * @param options.waits to read a tensor waits for the engine: it is not read at once, but in the order of the calls
 */
export function sumOnHost(
  collectives: Pick<Collectives, "allReduce">,
  { waits }: { waits: boolean },
): StartSum {
  let last = Promise.resolve();
  return (tensors, more = new Float32Array(0)) => {
    const shapes = tensors.map(({ shape }) => shape);
    const numbers = new Float32Array(tensors.reduce((sum, { size }) => sum + size, more.length));
    const sum = (values: Float32Array[]): Promise<void> => {
      let at = 0;
      for (const part of [...values, more]) {
        numbers.set(part, at);
        at += part.length;
      }
      return collectives.allReduce(numbers);
    };
    const done = watched(
      waits
        ? last.then(() => Promise.all(tensors.map((tensor) => tensor.data<"float32">()))).then(sum)
        : sum(tensors.map((tensor) => tensor.dataSync<"float32">())),
    );
    last = done;
    return {
      async result() {
        await done;
        let from = 0;
        const sums = shapes.map((shape) => {
          const size = tf.util.sizeFromShape(shape);
          from += size;
          return tf.tensor(numbers.slice(from - size, from), shape);
        });
        return { tensors: sums, more: numbers.subarray(from) };
      },
      dispose() {},
    };
  };
}

function cut(all: tf.Tensor, shapes: readonly number[][]): tf.Tensor[] {
  let from = 0;
  return shapes.map((shape) => {
    const size = tf.util.sizeFromShape(shape);
    from += size;
    return tf.tidy(() => tf.reshape(tf.slice(all, [from - size], [size]), shape));
  });
}

/** It fails where it is awaited, which may be long after. */
function watched(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}
