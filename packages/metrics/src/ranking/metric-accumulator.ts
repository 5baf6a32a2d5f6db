import { checkOptions } from "@csl/internal/errors/check-options";
import { checkCount } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";
import { type AnnotatedScores, collectFolds, foldedScores } from "../scores/annotated-scores.js";
import { type ClassKeys, emptyClassKeys } from "../scores/class-keys.js";
import { checkEntries, toLabelMatrix } from "../scores/label-matrix.js";
import { UnannotatedScores } from "../scores/unannotated-scores.js";
import { mergeKeys, packState, unpackState } from "./accumulator-state.js";
import { classAveragePrecision } from "./average-precision.js";
import { classMetrics } from "./class-metrics.js";
import {
  addSampleAveragePrecisions,
  applyUnannotated,
  checkEvaluateOptions,
  computeOptionNames,
  type EvaluateOptions,
} from "./evaluate.js";
import { type Evaluation, type SampleSum, summarize } from "./evaluation.js";
import { createWorkspace } from "./precision-points.js";

export type AccumulatorOptions = EvaluateOptions & {
  /**
   * Keep the scores of un-annotated entries as well, so that `compute` can answer for protocols that score them as
   * negatives. Exact until they need more than `maxBytes` (default 512 MB); then they are counted in bins and such an
   * AP is the middle of its bounds (`uncertainty`). Default false.
   */
  keepUnannotated?: boolean | { maxBytes?: number };
  /**
   * Assign the samples to this many parts in turn, so that `chooseThresholds` can measure what thresholds do on samples
   * that they were not chosen on (5 is usual). Default 1.
   */
  folds?: number;
};

/** The options of `compute`; they replace what the accumulator was made with. */
export type ComputeOptions = Omit<EvaluateOptions, "samples">;

const DEFAULT_BYTES = 536_870_912;

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
  readonly #maxBytes: number | undefined;
  #unannotated: UnannotatedScores | undefined;
  readonly #folds: number;
  #numClasses = 0;
  /** Class c of fold f at f * numClasses + c. */
  #classes: ClassKeys[] = [];
  #samples: SampleSum = { sum: 0, count: 0 };
  #rows = 0;

  constructor(options: AccumulatorOptions = {}) {
    const speaker = "MetricAccumulator";
    checkOptions(speaker, options, {
      ...computeOptionNames,
      samples: true,
      keepUnannotated: true,
      folds: true,
    });
    const { keepUnannotated = false, folds = 1, ...evaluateOptions } = options;
    if (typeof keepUnannotated === "object") {
      checkOptions(`${speaker}: keepUnannotated`, keepUnannotated, { maxBytes: true });
    }
    checkEvaluateOptions(speaker, evaluateOptions);
    checkCount(speaker, "folds", folds);
    this.#options = evaluateOptions;
    this.#folds = folds;
    if (keepUnannotated) {
      this.#maxBytes = keepUnannotated === true ? DEFAULT_BYTES : (keepUnannotated.maxBytes ?? DEFAULT_BYTES);
    }
  }

  /** Samples seen so far. */
  get numSamples(): number {
    return this.#rows;
  }

  /** Share of the entries so far that are un-annotated. */
  get unannotatedShare(): number {
    const annotated = this.#classes.reduce((sum, { numAnnotated }) => sum + numAnnotated, 0);
    return this.#rows === 0 ? 0 : 1 - annotated / (this.#rows * this.#numClasses);
  }

  /** Bytes held for scores: what grows with the data. */
  get bytes(): number {
    const keys = this.#classes.reduce((sum, own) => sum + own.annotated.length + own.positives.length, 0);
    return 4 * keys + (this.#unannotated?.bytes ?? 0);
  }

  /**
   * Adds `rows` samples. The number of classes is that of the first batch.
   *
   * @param scores [rows * classes] row-major @param labels [rows * classes] 1, 0 or -1
   * @throws CslError `invalid-argument` as evaluate does, before anything is added.
   */
  add(scores: Float32Array, labels: ArrayLike<number> & Iterable<number>, rows: number): void {
    const speaker = "MetricAccumulator.add";
    if (!(scores instanceof Float32Array)) {
      throw new CslError(
        "invalid-argument",
        `${speaker}: expected scores as Float32Array, got ${(scores as object | undefined)?.constructor?.name}. Use Float32Array.from, or evaluate() for wider numbers.`,
      );
    }
    if (rows === 0 && scores.length === 0 && labels.length === 0) return;
    checkCount(speaker, "rows", rows);
    const numClasses = this.#numClasses || scores.length / rows;
    if (scores.length !== rows * numClasses) {
      throw new CslError(
        "invalid-argument",
        `${speaker}: expected ${rows} x ${numClasses} = ${rows * numClasses} scores, got ${scores.length}. Every batch must have the classes of the first.`,
      );
    }
    const given = toLabelMatrix(speaker, scores, labels, numClasses);
    const matrix = this.#maxBytes === undefined ? applyUnannotated(given, this.#options) : given;
    checkEntries(matrix);
    if (this.#rows === 0) {
      this.#numClasses = numClasses;
      this.#classes = Array.from({ length: this.#folds * numClasses }, () => emptyClassKeys());
      if (this.#maxBytes !== undefined) {
        this.#unannotated = new UnannotatedScores(numClasses, { maxBytes: this.#maxBytes });
      }
    }
    this.#unannotated?.add(matrix);
    collectFolds(matrix, this.#classes, { folds: this.#folds, seen: this.#rows });
    if (this.#options.samples) {
      const whole = applyUnannotated(matrix, this.#options);
      addSampleAveragePrecisions(this.#samples, whole, createWorkspace(), this.#options);
    }
    this.#rows += rows;
  }

  /**
   * The result over everything added so far; more may be added afterwards.
   *
   * @param overrides answer for other conventions than the accumulator was made for; another `unannotated` only with
   *   `keepUnannotated`.
   * @throws CslError `invalid-argument` when nothing was added or no class is valid; `unknown-option`.
   */
  compute(overrides: ComputeOptions = {}): Evaluation {
    const speaker = "MetricAccumulator.compute";
    checkOptions(speaker, overrides, computeOptionNames);
    const result = this.#summarize(speaker, { ...this.#options, ...overrides });
    if (typeof result === "string") throw new CslError("invalid-argument", `${speaker}: ${result}`);
    return result;
  }

  /**
   * evaluate() over everything added so far, with these options alone: those that the accumulator was made with do not
   * matter. Null when no class is valid.
   */
  tryEvaluate(options: ComputeOptions = {}): Evaluation | null {
    const speaker = "MetricAccumulator.tryEvaluate";
    checkOptions(speaker, options, computeOptionNames);
    const result = this.#summarize(speaker, options);
    return typeof result === "string" ? null : result;
  }

  /** The result, or why no class is valid. */
  #summarize(speaker: string, options: EvaluateOptions): Evaluation | string {
    if (this.#rows === 0) {
      throw new CslError(
        "invalid-argument",
        `${speaker}: expected at least one sample, got none. Call add() first.`,
      );
    }
    checkEvaluateOptions(speaker, options);
    const { unannotated = "skip" } = this.#options;
    if (this.#maxBytes === undefined && (options.unannotated ?? "skip") !== unannotated) {
      throw new CslError(
        "invalid-argument",
        `${speaker}: expected unannotated to be "${unannotated}", as this accumulator keeps no un-annotated scores. Make it with keepUnannotated: true.`,
      );
    }
    const workspace = createWorkspace();
    const negative = options.unannotated === "negative" ? this.#unannotated : undefined;
    const scores = this.annotatedScores();
    const perClass = Array.from({ length: this.#numClasses }, (_, index) => {
      const parts = scores.forClass(index);
      const keys = parts.length === 1 ? parts[0]! : mergeKeys(parts);
      const all = negative ? { ...keys, assumedNegatives: negative.forClass(index) } : keys;
      return classMetrics(index, all, workspace, options);
    });
    const counted = options.counts;
    const micro = (): number => {
      const all = mergeKeys(this.#classes.filter((_, index) => counted?.(index % this.#numClasses) ?? true));
      if (negative) all.assumedNegatives = negative.merged(counted);
      return classAveragePrecision(all, workspace, options);
    };
    return summarize({
      perClass,
      micro: options.micro ? micro() : null,
      samples: this.#samples,
      numSamples: this.#rows,
    });
  }

  /** What is held of the annotated entries, for `chooseThresholds`, `calibration` and the like. */
  annotatedScores(): AnnotatedScores {
    const [numClasses, numSamples, folds] = [this.#numClasses, this.#rows, this.#folds];
    return foldedScores(this.#classes, { numClasses, numSamples, folds });
  }

  /**
   * Everything added so far, as bytes: another accumulator, of another process for instance, takes it in by `merge`.
   *
   * @throws CslError `unsupported` with `keepUnannotated` or `folds`, which are not in it.
   */
  state(): Uint8Array {
    this.#requirePlain("MetricAccumulator.state");
    const [numClasses, numSamples] = [this.#numClasses, this.#rows];
    return packState({ numClasses, numSamples, samples: this.#samples, classes: this.#classes });
  }

  /**
   * Adds what another accumulator held: the results are those of one that has seen all samples, whatever the order.
   *
   * @throws CslError `mismatch` for another number of classes, before anything is added.
   */
  merge(state: Uint8Array): void {
    this.#requirePlain("MetricAccumulator.merge");
    const other = unpackState(state);
    if (other.numSamples === 0) return;
    if (this.#rows > 0 && other.numClasses !== this.#numClasses) {
      throw new CslError(
        "mismatch",
        `MetricAccumulator.merge: expected ${this.#numClasses} classes, got ${other.numClasses}.`,
      );
    }
    this.#classes =
      this.#rows === 0 ? other.classes : this.#classes.map((keys, c) => mergeKeys([keys, other.classes[c]!]));
    this.#numClasses = other.numClasses;
    const { sum, count } = this.#samples;
    this.#samples = { sum: sum + other.samples.sum, count: count + other.samples.count };
    this.#rows += other.numSamples;
  }

  #requirePlain(speaker: string): void {
    if (this.#maxBytes === undefined && this.#folds === 1) return;
    throw new CslError(
      "unsupported",
      `${speaker}: expected an accumulator without keepUnannotated and folds, whose state is not kept. Leave them out.`,
    );
  }

  /** Forgets everything, the number of classes included. */
  reset(): void {
    this.#numClasses = 0;
    this.#classes = [];
    this.#samples = { sum: 0, count: 0 };
    this.#rows = 0;
    this.#unannotated = undefined;
  }
}
