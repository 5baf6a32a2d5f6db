import type { ObservedBatch, TrainingLoss } from "@csl/partial-loss";
import { broadcastBytes } from "./broadcast-bytes.js";
import type { Collectives } from "./collectives.js";

/**
 * Shows a loss that keeps numbers the batches of all ranks, in the order of one process that takes them in turn: its numbers
 * stay the same on all ranks, and those of one process.
 *
 * @param own batches of this rank in a step, as many as on the others
 */
export async function observeOnRanks(
  own: readonly ObservedBatch[],
  loss: TrainingLoss,
  collectives: Collectives,
): Promise<void> {
  for (const { epoch, ...batch } of own) {
    const gathered = await collectives.gather(toBytes(batch));
    for (let rank = 0; rank < collectives.size; rank++) {
      const bytes = await broadcastBytes(collectives, gathered?.[rank]);
      loss.observe?.({ ...fromBytes(bytes), epoch });
    }
  }
}

type Numbers = Omit<ObservedBatch, "epoch">;

/** The number of samples, the samples, then logits and labels. */
function toBytes({ logits, labels, samples = [] }: Numbers): Uint8Array {
  const places = Float64Array.of(samples.length, ...Array.from(samples));
  const entries = new Float32Array(2 * logits.length);
  entries.set(logits);
  entries.set(labels, logits.length);
  const bytes = new Uint8Array(places.byteLength + entries.byteLength);
  bytes.set(new Uint8Array(places.buffer));
  bytes.set(new Uint8Array(entries.buffer), places.byteLength);
  return bytes;
}

function fromBytes(bytes: Uint8Array): Numbers {
  const { buffer } = bytes.slice();
  const count = new Float64Array(buffer, 0, 1)[0]!;
  const entries = new Float32Array(buffer, 8 * (count + 1));
  const half = entries.length / 2;
  return {
    logits: entries.subarray(0, half),
    labels: entries.subarray(half),
    samples: count > 0 ? new Float64Array(buffer, 8, count) : undefined,
  };
}
