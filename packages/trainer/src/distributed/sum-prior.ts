import { ClassPriorEstimator } from "@csl/partial-loss";
import type { Run } from "../run.js";
import type { Collectives } from "./collectives.js";

/**
 * The running prior over the images of all ranks, on every rank. Rank 0 keeps the sums, and with them writes checkpoints; the
 * others begin anew at 0, so that nothing is counted twice.
 */
export async function sumPrior(run: Run, collectives: Collectives): Promise<ClassPriorEstimator | undefined> {
  const { prior, task } = run;
  if (!prior) return undefined;
  const numbers = Float64Array.of(...prior.sums, prior.count);
  await collectives.allReduce(numbers);
  const { ids } = task.classes;
  const total = ClassPriorEstimator.fromSums(ids, numbers.subarray(0, -1), numbers.at(-1)!);
  run.prior = collectives.rank === 0 ? total : new ClassPriorEstimator(ids);
  return total;
}
