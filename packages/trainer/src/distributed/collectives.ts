import type * as tf from "@tensorflow/tfjs-core";

/**
 * What `train` needs of the processes that train together; the group of `joinProcessGroup` (@csl/tfjs-backend-torch) is one.
 * All ranks call the same functions in the same order. A function that fails on a rank makes its training fail.
 */
export interface Collectives {
  /** Of this process, from 0 on. */
  readonly rank: number;
  /** Processes that train together. */
  readonly size: number;
  /** Replaces numbers by their sum over the ranks, the same bits on all of them. */
  allReduce(numbers: Float32Array | Float64Array): Promise<void>;
  /** The same with the numbers of a tensor, in its own memory; absent where the engine's memory cannot be reached. */
  allReduceTensor?(tensor: tf.Tensor): Promise<void>;
  /** The same as `allReduce`, done when it returns; absent where nothing can wait. `syncBn` needs it. */
  allReduceNow?(numbers: Float64Array): void;
  /** Replaces numbers by those of rank 0. */
  broadcast(numbers: Float32Array | Float64Array | Uint8Array): Promise<void>;
  /** Each rank's bytes, of any length, at rank 0; undefined elsewhere. */
  gather(bytes: Uint8Array): Promise<Uint8Array[] | undefined>;
}
