import { countDecisions, type DecisionCounts, emptyDecisionCounts } from "./decision-counts.js";
import { checkEntries, toLabelMatrix } from "./label-matrix.js";
import type { NumberArray } from "./number-array.js";
import {
  checkOptions,
  type PrecisionRecallF1,
  type PrecisionRecallF1Options,
  summarizeDecisions,
} from "./precision-recall-f1.js";

/** precisionRecallF1() for data that arrives in batches; keeps four counts per class. */
export class PrecisionRecallAccumulator {
  readonly #numClasses: number;
  readonly #options: PrecisionRecallF1Options;
  readonly #counts: DecisionCounts;

  constructor(numClasses: number, options: PrecisionRecallF1Options = {}) {
    if (!Number.isInteger(numClasses) || numClasses < 1) {
      throw new RangeError(
        `PrecisionRecallAccumulator: expected numClasses to be a positive integer, got ${numClasses}. Pass the number of columns.`,
      );
    }
    checkOptions("PrecisionRecallAccumulator", numClasses, options);
    this.#numClasses = numClasses;
    this.#options = options;
    this.#counts = emptyDecisionCounts(numClasses);
  }

  /** Adds samples. @param scores [rows * classes] row-major @param labels [rows * classes] 1, 0 or -1 */
  add(scores: NumberArray, labels: NumberArray): void {
    const matrix = toLabelMatrix("PrecisionRecallAccumulator.add", scores, labels, this.#numClasses);
    checkEntries(matrix);
    const { threshold = 0.5, topK } = this.#options;
    countDecisions(this.#counts, scores, matrix.labels, { threshold, topK });
  }

  /** The numbers over everything added so far. @throws RangeError when no class is valid. */
  compute(): PrecisionRecallF1 {
    return summarizeDecisions("PrecisionRecallAccumulator.compute", this.#counts, this.#options);
  }
}
