import { checkOptions } from "@csl/internal/errors/check-options";
import { MetricAccumulator, type Evaluation as Metrics } from "@csl/metrics";
import type * as tf from "@tensorflow/tfjs-core";
import { type Batch, type Batches, imageTensor } from "./batch.js";
import type { Collectives } from "./distributed/collectives.js";
import { mergeRanks } from "./distributed/merge-ranks.js";
import type { InferableModel } from "./model.js";
import { turn } from "./turn.js";

/**
 * Metrics of one set of weights: everything that `evaluate` of @csl/metrics says (fractions in [0, 1], classes by
 * index), and how many images it saw.
 */
export type Evaluation = Metrics & { images: number };

/**
 * Metrics of a model over labelled batches, annotated entries only. Ranks float32 logits: a sigmoid in between
 * would tie the confident ones.
 *
 * @param options.onProgress called with the number of images done.
 * @throws when there is no batch, a logit is NaN, or no class has both a positive and a negative.
 */
export async function evaluateModel(
  model: InferableModel,
  batches: Batches,
  options: {
    /** Receives the scores; hand in your own to ask it for other conventions afterwards. */
    metrics?: MetricAccumulator;
    onProgress?: (images: number) => void;
    signal?: AbortSignal;
  } = {},
): Promise<Evaluation> {
  checkOptions("evaluateModel", options, { metrics: true, onProgress: true, signal: true });
  const { metrics = new MetricAccumulator(), onProgress, signal } = options;
  const evaluation = evaluateWeights(model, batches, { raw: metrics });
  try {
    for (;;) {
      const { done, value } = await evaluation.next();
      if (done) return value.raw;
      signal?.throwIfAborted();
      onProgress?.(value);
    }
  } finally {
    await evaluation.return(undefined as never);
  }
}

/**
 * Metrics of a model's own weights and of its averages in one pass over the data, so that every image is decoded
 * once. Yields the number of images done.
 */
export async function* evaluateWeights(
  model: InferableModel,
  batches: Batches,
  {
    averages,
    raw = new MetricAccumulator(),
    collectives,
    onBatch,
  }: {
    averages?: { swap(): void } | undefined;
    raw?: MetricAccumulator;
    /** Other processes with other batches: the metrics are of all of them, on every rank. */
    collectives?: Collectives | undefined;
    onBatch?: ((batch: Batch, logits: { raw: Float32Array; ema?: Float32Array }) => void) | undefined;
  } = {},
): AsyncGenerator<number, { raw: Evaluation; ema?: Evaluation }, undefined> {
  const averaged = new MetricAccumulator();
  for await (const batch of batches) {
    const images = imageTensor(batch);
    try {
      const logits = await addLogits(raw, model, images, batch);
      const ema = averages && (await swapped(averages, () => addLogits(averaged, model, images, batch)));
      onBatch?.(batch, { raw: logits, ...(ema && { ema }) });
    } finally {
      images.dispose();
    }
    await turn();
    yield raw.numSamples;
  }
  if (collectives) {
    await mergeRanks(raw, collectives);
    if (averages) await mergeRanks(averaged, collectives);
  }
  return { raw: toEvaluation(raw), ...(averages && { ema: toEvaluation(averaged) }) };
}

async function swapped<T>(averages: { swap(): void }, body: () => Promise<T>): Promise<T> {
  averages.swap();
  try {
    return await body();
  } finally {
    averages.swap();
  }
}

async function addLogits(
  metrics: MetricAccumulator,
  model: InferableModel,
  images: tf.Tensor4D,
  { labels, size }: Batch,
): Promise<Float32Array> {
  const logits = model.forward(images, { training: false });
  try {
    const values = await logits.data<"float32">();
    metrics.add(values, labels, size);
    return values;
  } finally {
    logits.dispose();
  }
}

/** What a person is told of an accumulator. */
export function toEvaluation(metrics: MetricAccumulator): Evaluation {
  return { ...metrics.compute(), images: metrics.numSamples };
}
