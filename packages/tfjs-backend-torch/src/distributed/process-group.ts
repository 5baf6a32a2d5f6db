import type * as tf from "@tensorflow/tfjs-core";

/**
 * Processes that compute together. All ranks call the same functions in the same order; each returns when this rank's part is
 * done, and never blocks JavaScript's thread, but for `allReduceNow`. It fits `collectives` of @csl/trainer's `train`.
 *
 * Every function throws CslError `failed`, naming this rank and what another one may have done: ended, lost its connection,
 * or not answered within the time limit. The group is of no use then.
 */
export interface ProcessGroup {
  /** Of this process, from 0 on. */
  readonly rank: number;
  /** Processes of the group. */
  readonly size: number;
  /** Replaces numbers by their sum over the ranks: those of an array, or of a tensor of the torch engine, without a copy. */
  allReduce(numbers: Float32Array | Float64Array | tf.Tensor): Promise<void>;
  /**
   * The same, and nothing else runs in this process until it is done: for sums within a computation that cannot wait, as those of
   * norms over all ranks.
   */
  allReduceNow(numbers: Float32Array | Float64Array): void;
  /** Replaces numbers by those of the rank `root`; default 0. */
  broadcast(
    numbers: Float32Array | Float64Array | Uint8Array | tf.Tensor,
    options?: { root?: number },
  ): Promise<void>;
  /** The bytes of every rank, in their order, at the rank `root` (default 0); undefined elsewhere. Lengths may differ. */
  gather(bytes: Uint8Array, options?: { root?: number }): Promise<Uint8Array[] | undefined>;
  /** Returns when every rank has come here. */
  barrier(): Promise<void>;
  /** Ends it: when all ranks have come here, so that none asks one that is gone. */
  close(): Promise<void>;
}
