import { joinProcesses } from "@csl/engine";
import type { Collectives } from "@csl/trainer";
import type * as tf from "@tensorflow/tfjs-core";

/** Where a process is among those of a run. */
export interface RanksPlace {
  engine: "wasm" | "torch";
  rank: number;
  size: number;
  port: number;
}

/** The group that `train` takes; `close` when nothing more is asked of it. */
export async function joinRanks({
  engine,
  rank,
  size,
  port,
}: RanksPlace): Promise<Collectives & { close(): Promise<void> }> {
  const group = await joinProcesses({ rank, size, host: "127.0.0.1", port, timeout: 120 });
  const allReduceTensor = (tensor: tf.Tensor): Promise<void> => group.allReduce(tensor);
  return Object.assign(group, engine === "torch" && { allReduceTensor });
}
