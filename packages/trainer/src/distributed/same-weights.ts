import { CslError } from "@csl/internal/errors/csl-error";
import type { TrainableModel } from "../model.js";
import type { Collectives } from "./collectives.js";

/**
 * Checks that all ranks have the same weights: a hash of their bits is compared.
 *
 * @throws CslError `failed` on every rank, naming those that differ from rank 0
 */
export async function expectSameWeights(model: TrainableModel, collectives: Collectives): Promise<void> {
  const sums = new Float64Array(collectives.size);
  let hash = 0x811c9dc5;
  for (const variable of model.parameters().values()) {
    const values = await variable.data<"float32">();
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    // FNV-1a over words.
    for (let i = 0; i < bits.length; i++) hash = Math.imul(hash ^ bits[i]!, 0x01000193);
  }
  sums[collectives.rank] = hash >>> 0;
  await collectives.allReduce(sums);
  const others = [...sums.keys()].filter((rank) => sums[rank] !== sums[0]);
  if (others.length === 0) return;
  throw new CslError(
    "failed",
    `train: expected the same weights on every rank, got others than rank 0's on rank ${others.join(", ")}. ` +
      "Are all ranks on the same kind of machine, with the same engine and versions? Resume from the last checkpoint there.",
  );
}
