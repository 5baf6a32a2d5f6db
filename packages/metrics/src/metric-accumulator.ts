import { classAveragePrecision } from "./class-average-precision.js";
import { type ClassKeys, collectAnnotated, collectPositives, emptyClassKeys } from "./class-keys.js";
import {
  applyUnannotated,
  checkEvaluateOptions,
  classMetrics,
  type EvaluateOptions,
  type Evaluation,
  summarize,
} from "./evaluate.js";
import { checkEntries, toLabelMatrix } from "./label-matrix.js";
import { createWorkspace } from "./precision-points.js";
import { addSampleAveragePrecisions, emptySampleSum, type SampleSum } from "./sample-average-precision.js";

/**
 * evaluate() for data that arrives in batches: the same collecting and ranking functions, with the keys of the
 * annotated entries kept in between (4 bytes each, whatever share of the matrix is annotated). AP is not a mean over
 * batches: it is computed once over everything.
 *
 * @example
 * const metrics = new MetricAccumulator();
 * for (const { scores, labels, rows } of batches) metrics.add(scores, labels, rows);
 * const { mapC } = metrics.compute();
 */
export class MetricAccumulator {
  readonly #options: EvaluateOptions;
  #classes: ClassKeys[] = [];
  #samples: SampleSum = emptySampleSum();
  #rows = 0;

  constructor(options: EvaluateOptions = {}) {
    checkEvaluateOptions("MetricAccumulator", options);
    this.#options = options;
  }

  /** Samples seen so far. */
  get numSamples(): number {
    return this.#rows;
  }

  /**
   * Adds `rows` samples. The number of classes is that of the first batch.
   *
   * @param scores [rows * classes] row-major @param labels [rows * classes] 1, 0 or -1
   * @throws RangeError as evaluate does, before anything is added.
   */
  add(scores: Float32Array, labels: ArrayLike<number> & Iterable<number>, rows: number): void {
    const speaker = "MetricAccumulator.add";
    if (!(scores instanceof Float32Array)) {
      throw new TypeError(
        `${speaker}: expected scores as Float32Array, got ${typeName(scores)}. Use Float32Array.from, or evaluate() for wider numbers.`,
      );
    }
    if (!Number.isInteger(rows) || rows < 0) {
      throw new RangeError(`${speaker}: expected rows to be a whole number, got ${rows}.`);
    }
    if (rows === 0 && scores.length === 0 && labels.length === 0) return;
    const numClasses = this.#classes.length || scores.length / rows;
    if (scores.length !== rows * numClasses) {
      throw new RangeError(
        `${speaker}: expected ${rows} x ${numClasses} = ${rows * numClasses} scores, got ${scores.length}. Every batch must have the classes of the first.`,
      );
    }
    const matrix = applyUnannotated(toLabelMatrix(speaker, scores, labels, numClasses), this.#options);
    checkEntries(matrix);
    if (this.#rows === 0) this.#classes = Array.from({ length: numClasses }, () => emptyClassKeys());
    collectAnnotated(matrix, this.#classes, collectPositives(matrix, this.#classes));
    if (this.#options.samples) {
      addSampleAveragePrecisions(this.#samples, matrix, createWorkspace(), this.#options);
    }
    this.#rows += rows;
  }

  /**
   * The result over everything added so far; more may be added afterwards.
   *
   * @throws RangeError when nothing was added or no class is valid.
   */
  compute(): Evaluation {
    if (this.#rows === 0) {
      throw new RangeError(
        "MetricAccumulator.compute: expected at least one sample, got none. Call add() first.",
      );
    }
    const workspace = createWorkspace();
    const perClass = this.#classes.map((keys, index) => classMetrics(index, keys, workspace, this.#options));
    const micro = this.#options.micro
      ? classAveragePrecision(merged(this.#classes), workspace, this.#options)
      : null;
    return summarize("MetricAccumulator.compute", {
      perClass,
      micro,
      samples: this.#samples,
      numSamples: this.#rows,
    });
  }

  /** Forgets everything, the number of classes included. */
  reset(): void {
    this.#classes = [];
    this.#samples = emptySampleSum();
    this.#rows = 0;
  }
}

function merged(classes: readonly ClassKeys[]): ClassKeys {
  const all = emptyClassKeys(classes.reduce((sum, keys) => sum + keys.numAnnotated, 0));
  all.positives = new Int32Array(classes.reduce((sum, keys) => sum + keys.numPositives, 0));
  for (const { annotated, numAnnotated, positives, numPositives } of classes) {
    all.annotated.set(annotated.subarray(0, numAnnotated), all.numAnnotated);
    all.positives.set(positives.subarray(0, numPositives), all.numPositives);
    all.numAnnotated += numAnnotated;
    all.numPositives += numPositives;
  }
  return all;
}

function typeName(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}
