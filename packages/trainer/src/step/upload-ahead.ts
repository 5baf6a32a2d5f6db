import * as tf from "@tensorflow/tfjs-core";
import { type Batch, type BatchTensors, batchTensors, firstBadPixel } from "../batch.js";

/** A batch that is on the device before its step begins, and what is wrong with its images. */
export interface UploadedBatch extends BatchTensors {
  pixel: ReturnType<typeof firstBadPixel>;
}

const uploaded = new WeakMap<Batch, UploadedBatch>();

/** What `uploadAhead` has sent of this batch; the caller owns it. */
export function takeUploaded(batch: Batch): UploadedBatch | undefined {
  const found = uploaded.get(batch);
  uploaded.delete(batch);
  return found;
}

/**
 * The same groups of batches. On a device with a memory of its own the next one is asked for, and sent, while the present one
 * is computed. Elsewhere they come as they are asked for.
 */
export function uploadAhead(
  groups: AsyncGenerator<Batch[], void, undefined>,
  numClasses: number,
): AsyncGenerator<Batch[], void, undefined> {
  return (tf.backend() as { takesBytes?: boolean }).takesBytes ? ahead(groups, numClasses) : groups;
}

async function* ahead(
  groups: AsyncGenerator<Batch[], void, undefined>,
  numClasses: number,
): AsyncGenerator<Batch[], void, undefined> {
  const ask = async (): Promise<IteratorResult<Batch[], void>> => {
    const result = await groups.next();
    if (!result.done) for (const batch of result.value) upload(batch, numClasses);
    return result;
  };
  let next = ask();
  try {
    for (;;) {
      const result = await next;
      if (result.done) return;
      next = ask();
      next.catch(() => {}); // thrown when its turn comes
      yield result.value;
    }
  } finally {
    const last = await next.catch(() => undefined);
    for (const batch of (!last?.done && last?.value) || []) discard(batch);
    await groups.return();
  }
}

/** What cannot be sent is reported by the step that needs it. */
function upload(batch: Batch, numClasses: number): void {
  try {
    const pixel = firstBadPixel(batch);
    uploaded.set(batch, { ...batchTensors(batch, numClasses), pixel });
  } catch {}
}

function discard(batch: Batch): void {
  const found = takeUploaded(batch);
  if (found) tf.dispose([found.images, found.labels]);
}
