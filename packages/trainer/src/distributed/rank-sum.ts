import * as tf from "@tensorflow/tfjs-core";
import type { Collectives } from "./collectives.js";
import { bucketsOf, type Sum, sumOnDevice, sumOnHost } from "./gradient-buckets.js";

/** What a rank adds to a step besides its gradients. */
export interface RankNote {
  /** Its own loss; NaN or infinity stops all ranks before a weight is touched. */
  loss: number;
  /** Whether its running statistics are finite. */
  finite: boolean;
  /** Whether it was asked to stop. */
  stop: boolean;
  /** Images of its batches. */
  images: number;
}

/** The reduction of one step over the ranks. */
export interface StepSum {
  /**
   * Says, while the backward pass goes on, that this parameter's gradient is final: sums of buckets whose gradients are there are
   * started. Absent where to read gradients would wait for the engine.
   */
  ready?(key: string): void;
  /**
   * Starts the other sums and waits for all: replaces the gradients by their sums over the ranks, in the order of the parameters,
   * and gives the notes of all ranks, in their order. Each rank has places of its own for its notes, where the others add 0,
   * so they arrive unchanged.
   */
  finish(note: RankNote): Promise<RankNote[]>;
  dispose(): void;
}

/**
 * Sums the gradients of steps over the ranks, in buckets that can be under way while the backward pass goes on.
 *
 * The loss is a sum over the images, so gradients are added: R ranks with batches of B are one process with batches of R · B.
 */
export interface RankSum {
  /** @param gradients by key, complete when `finish` is called */
  begin(gradients: Map<string, tf.Tensor>): StepSum;
}

/** Numbers of a note: the loss in two parts, so that float32 holds it to 48 bits. */
const noteSize = 5;

/** Their tensors lie in host memory: to read one waits for nothing. */
const hostBackends = ["cpu", "wasm"];

const nothing: Sum = {
  result: async () => ({ tensors: [], more: new Float32Array(0) }),
  dispose() {},
};

/**
 * @param parameters that are trained, in an order that is the same on all ranks
 * @param options.bucketSize numbers from which on a bucket is full
 */
export function createRankSum(
  collectives: Collectives,
  parameters: ReadonlyMap<string, tf.Tensor>,
  options: { bucketSize?: number } = {},
): RankSum {
  const { rank, size, allReduceTensor } = collectives;
  const buckets = bucketsOf(parameters, options.bucketSize);
  const waits = !hostBackends.includes(tf.getBackend());
  const start = allReduceTensor
    ? sumOnDevice({ allReduceTensor: (tensor) => allReduceTensor.call(collectives, tensor) })
    : sumOnHost(collectives, { waits });
  return {
    begin(gradients) {
      const missing = buckets.map((keys) => new Set(keys));
      const sums: { keys: string[]; sum: Sum }[] = [];
      const startNext = (notes?: Float32Array): void => {
        // Those that the loss depends on.
        const keys = buckets[sums.length]!.filter((key) => gradients.has(key));
        const tensors = keys.map((key) => gradients.get(key)!);
        sums.push({ keys, sum: keys.length > 0 || notes ? start(tensors, notes) : nothing });
      };
      const ready = (key: string): void => {
        for (const keys of missing) keys.delete(key);
        // In their order, which is that of all ranks. The last one waits for the notes.
        while (sums.length < buckets.length - 1 && missing[sums.length]!.size === 0) startNext();
      };
      return {
        ...((allReduceTensor || !waits) && { ready }),
        async finish(note) {
          const notes = new Float32Array(noteSize * size);
          notes.set(encode(note), noteSize * rank);
          while (sums.length < buckets.length)
            startNext(sums.length === buckets.length - 1 ? notes : undefined);
          let all: Float32Array = notes;
          for (const { keys, sum } of sums) {
            const { tensors, more } = await sum.result();
            for (const [i, key] of keys.entries()) {
              gradients.get(key)!.dispose();
              gradients.set(key, tensors[i]!);
            }
            sum.dispose();
            all = more;
          }
          // They may have come in another order; the norm is added up in this one.
          const summed = new Map(gradients);
          gradients.clear();
          for (const key of parameters.keys()) if (summed.has(key)) gradients.set(key, summed.get(key)!);
          return Array.from({ length: size }, (_, one) => decode(all.subarray(noteSize * one)));
        },
        dispose() {
          for (const { sum } of sums) sum.dispose();
        },
      };
    },
  };
}

function encode({ loss, finite, stop, images }: RankNote): number[] {
  const high = Math.fround(loss);
  return [high, Number.isFinite(high) ? loss - high : 0, Number(finite), Number(stop), images];
}

function decode([high, low, finite, stop, images]: Float32Array): RankNote {
  return { loss: high! + low!, finite: finite === 1, stop: stop === 1, images: images! };
}
