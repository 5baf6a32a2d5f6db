import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { batchPlace } from "@csl/internal/kernels/bad-entry";
import { type Prior, repeatedId } from "./prior.js";

/**
 * Running mean of predicted probabilities per class: P_r(c) = (1/N) Σ_i σ(x_ic) over the samples given to `update`.
 * Give it the outputs of a model trained in Ignore mode, during training (the reference) or in a pass of its own over
 * the training set (the paper, figure 3). Sums are float64.
 */
export class ClassPriorEstimator {
  readonly #ids: readonly string[];
  readonly #sums: Float64Array;
  #count = 0;

  /** @throws CslError `invalid-argument` when there is no class or an id occurs twice. */
  constructor(classIds: readonly string[]) {
    const repeated = repeatedId(classIds);
    if (classIds.length === 0 || repeated !== undefined)
      throw new CslError(
        "invalid-argument",
        `ClassPriorEstimator: expected distinct class ids, got ${repeated === undefined ? "none" : `"${repeated}" twice`}. Use ids, not display names.`,
      );
    this.#ids = [...classIds];
    this.#sums = new Float64Array(classIds.length);
  }

  /** Continues an earlier estimate. @throws CslError when the prior has no `count`. */
  static resume(prior: Prior): ClassPriorEstimator {
    const { ids, values, count } = prior;
    if (!count)
      throw new CslError(
        "invalid-argument",
        "ClassPriorEstimator: expected a prior with its sample count, got none. Start a new estimate.",
      );
    return ClassPriorEstimator.fromSums(
      ids,
      values.map((value) => value * count),
      count,
    );
  }

  /** Continues the `sums` and the `count` of another estimator, bit for bit. */
  static fromSums(classIds: readonly string[], sums: ArrayLike<number>, count: number): ClassPriorEstimator {
    const estimator = new ClassPriorEstimator(classIds);
    if (sums.length !== classIds.length || !(Number.isInteger(count) && count >= 0))
      throw new CslError(
        "mismatch",
        `ClassPriorEstimator: expected ${classIds.length} sums and a count, got ${sums.length} and ${count}. Is the class list the same?`,
      );
    estimator.#sums.set(sums);
    estimator.#count = count;
    return estimator;
  }

  /** A copy of the sums of probabilities per class. */
  get sums(): Float64Array {
    return this.#sums.slice();
  }

  /** Number of samples seen. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds `rows` samples: `probabilities` is row-major [rows, classes], each in [0, 1] (sigmoid applied).
   *
   * @throws CslError `mismatch` when the length does not fit, `invalid-argument` when a value is no probability; nothing
   * is added then.
   */
  update(probabilities: ArrayLike<number>, rows: number): void {
    const classes = this.#ids.length;
    if (!Number.isInteger(rows) || rows < 0 || probabilities.length !== rows * classes)
      throw new CslError(
        "mismatch",
        `ClassPriorEstimator: expected ${rows} rows × ${classes} classes = ${rows * classes} probabilities, got ${probabilities.length}. Is the class list the model's?`,
      );
    for (let i = 0; i < probabilities.length; i++) {
      const value = probabilities[i]!;
      if (!(value >= 0 && value <= 1))
        throw new CslError(
          "invalid-argument",
          `ClassPriorEstimator: expected probabilities in [0, 1], got ${value} at ${batchPlace(i, classes)}. Apply the sigmoid to logits first.`,
        );
    }
    for (let i = 0; i < probabilities.length; i++) this.#sums[i % classes]! += probabilities[i]!;
    this.#count += rows;
  }

  /**
   * The estimate so far.
   *
   * @param options.names display names in the order of the ids, @param options.source where it comes from, in words: both
   * are copied into the prior.
   * @throws CslError before the first sample.
   */
  prior(options: { names?: readonly string[]; source?: string } = {}): Prior {
    checkOptions("ClassPriorEstimator.prior", options, { names: true, source: true });
    const { names, source } = options;
    if (this.#count === 0)
      throw new CslError(
        "invalid-argument",
        "ClassPriorEstimator: expected at least one sample, got none. Call update() first.",
      );
    return {
      ids: this.#ids,
      values: Float32Array.from(this.#sums, (sum) => sum / this.#count),
      count: this.#count,
      ...(names && { names }),
      ...(source !== undefined && { source }),
    };
  }
}
