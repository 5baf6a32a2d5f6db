import { checkOptions } from "@csl/internal/errors/check-options";
import { MetricAccumulator } from "@csl/metrics";
import { type Batch, type Batches, imageTensor } from "../batch.js";
import { type Evaluation, toEvaluation } from "../evaluate-model.js";
import type { InferableModel } from "../model.js";
import { turn } from "../turn.js";
import type { Collectives } from "./collectives.js";

export interface EvaluateTogetherOptions {
  /** The processes; `train` describes them. */
  collectives: Collectives;
  /** Batches of rank 0, which has the most. Others may have fewer: a batch of unreadable images is none. */
  rounds: number;
  /** Receives all scores on rank 0; hand in your own to ask it for other conventions afterwards. */
  metrics?: MetricAccumulator;
  /** Called on rank 0 with the number of images that all have done. */
  onProgress?: (images: number) => void;
  signal?: AbortSignal;
}

/**
 * `evaluateModel` on several processes: batch i of all is on rank i mod size. Rank 0 takes the scores in, batch after batch, in
 * the order in which one process would: what follows from them is the same to the bit, also where it depends on the order.
 *
 * @returns on rank 0 the evaluation, elsewhere undefined.
 * @throws as evaluateModel.
 */
export async function evaluateTogether(
  model: InferableModel,
  batches: Batches,
  options: EvaluateTogetherOptions,
): Promise<Evaluation | undefined> {
  checkOptions("evaluateTogether", options, {
    collectives: true,
    rounds: true,
    metrics: true,
    onProgress: true,
    signal: true,
  });
  const { collectives, rounds, metrics = new MetricAccumulator(), onProgress, signal } = options;
  const own = ownBatches(batches);
  try {
    for (let round = 0; round < rounds; round++) {
      const next = await own.next();
      signal?.throwIfAborted();
      const scored = next.done ? new Uint8Array(0) : await scoreBatch(model, next.value);
      const all = await collectives.gather(scored);
      for (const bytes of all ?? []) if (bytes.length > 0) addScored(metrics, bytes);
      if (all) onProgress?.(metrics.numSamples);
      await turn();
    }
  } finally {
    await own.return();
  }
  return collectives.rank === 0 ? toEvaluation(metrics) : undefined;
}

async function* ownBatches(batches: Batches): AsyncGenerator<Batch, void, undefined> {
  yield* batches;
}

/** Logits and labels of a batch as bytes: the number of rows, float32 logits, a byte for each label. */
async function scoreBatch(model: InferableModel, batch: Batch): Promise<Uint8Array> {
  const images = imageTensor(batch);
  const output = model.forward(images, { training: false });
  images.dispose();
  try {
    const logits = await output.data<"float32">();
    const bytes = new Uint8Array(4 + 4 * logits.length + batch.labels.length);
    new Int32Array(bytes.buffer, 0, 1)[0] = batch.size;
    new Float32Array(bytes.buffer, 4, logits.length).set(logits);
    new Int8Array(bytes.buffer, 4 + 4 * logits.length).set(batch.labels);
    return bytes;
  } finally {
    output.dispose();
  }
}

function addScored(metrics: MetricAccumulator, scored: Uint8Array): void {
  const { buffer } = scored.slice(); // at an offset that typed arrays allow
  const entries = (buffer.byteLength - 4) / 5;
  const [rows] = new Int32Array(buffer, 0, 1) as unknown as [number];
  metrics.add(new Float32Array(buffer, 4, entries), new Int8Array(buffer, 4 + 4 * entries), rows);
}
