import { MetricAccumulator } from "@csl/metrics";
import { type Batches, type Evaluation, evaluateModel } from "@csl/trainer";
import type { OpenedEvaluation } from "../commands/evaluate/open-evaluation.js";
import {
  type BatchOptions,
  closeLoaders,
  labelledBatches,
  readOnce,
  unreadableNotices,
} from "../data/image-loaders.js";
import type { Context } from "../flags/command.js";
import { startProgress } from "../terminal/progress.js";

/** The scores of a model on a split. */
interface SplitScores {
  /** [images * classes] logits of the images that could be read, in their order. */
  scores: Float32Array;
  /** [images * classes] 1, 0 or -1. */
  labels: Int8Array;
  /** Names of those images. */
  images: string[];
  evaluation: Evaluation;
  /** Names of those that could not be read, the first ten thousand. */
  unreadable: string[];
}

/** One pass over a split as `csl evaluate` makes it, of which the scores are kept. Disposes the model. */
export async function scoreSplit(
  { model, images, labels, imageSize, classes }: OpenedEvaluation,
  options: Omit<BatchOptions, "imageSize">,
  { terminal, signal }: Context,
  label: string,
): Promise<SplitScores> {
  const { list } = images;
  const loader = readOnce(list, options, { size: imageSize, signal });
  const noticeUnreadable = unreadableNotices([loader.unreadable], terminal);
  const show = startProgress(terminal, { label, unit: "images" });
  const metrics = new ScoreKeeper(list.length * classes.size);
  const positions: number[] = [];
  const seen = async function* (): Batches {
    for await (const batch of labelledBatches(loader.batches(), labels)) {
      for (const sample of Array.from(batch.samples!)) positions.push(sample);
      yield batch;
    }
  };
  try {
    const evaluation = await evaluateModel(model, seen(), {
      ...{ metrics, signal },
      onProgress(done) {
        noticeUnreadable();
        show(done, list.length);
      },
    });
    terminal.endStatus();
    noticeUnreadable();
    return {
      ...{ scores: metrics.scores, labels: labels.dense(positions), evaluation },
      images: positions.map((position) => list.nameAt(position)),
      unreadable: loader.unreadable.map(({ path }) => path),
    };
  } finally {
    await closeLoaders([loader], terminal);
    model.dispose();
  }
}

/** Keeps the scores themselves, which an accumulator keeps as ranking keys by class. */
class ScoreKeeper extends MetricAccumulator {
  readonly #scores: Float32Array;
  #length = 0;

  constructor(capacity: number) {
    super();
    this.#scores = new Float32Array(capacity);
  }

  override add(...[scores, labels, rows]: Parameters<MetricAccumulator["add"]>): void {
    super.add(scores, labels, rows);
    this.#scores.set(scores, this.#length);
    this.#length += scores.length;
  }

  get scores(): Float32Array {
    return this.#scores.subarray(0, this.#length);
  }
}
