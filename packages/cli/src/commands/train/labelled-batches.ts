import type { ImageBatch } from "@csl/image-batches";
import type { LabelTable } from "@csl/labels";
import type { Batch } from "@csl/trainer";

/** Joins images with their labels: sample i of `table` is position i of the loader's paths. */
export async function* labelledBatches(
  batches: AsyncIterable<ImageBatch>,
  table: LabelTable,
): AsyncGenerator<Batch, void, undefined> {
  for await (const { images, indices, size, height, width } of batches) {
    yield { images, labels: table.dense(indices), size, height, width };
  }
}
