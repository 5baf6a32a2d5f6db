import { CslError } from "@csl/internal/errors/csl-error";

/**
 * - `damaged`: the bytes are no pickle;
 * - `end`: they end within one, more of the file may help;
 * - `name`: it names a Python class or function that is not known here;
 * - `object`: the whole pickle is an object of such a class;
 * - `model`: it is a pickled model of PyTorch's older form.
 */
export type PickleProblem = "damaged" | "end" | "name" | "object" | "model";

/** Why some bytes are not a pickle that is read here. */
export class PickleError extends CslError {
  /** What was found instead, e.g. "the end of the file". */
  readonly got: string;
  readonly problem: PickleProblem;
  /** Offset of the operation, in bytes; 0 until `unpickle` adds it. */
  readonly at: number;
  /** The Python class or function that is not known. */
  readonly python: string | undefined;

  constructor(
    got: string,
    {
      problem = "damaged",
      at = 0,
      python,
    }: { problem?: PickleProblem; at?: number; python?: string | undefined } = {},
  ) {
    const isForeign = problem !== "damaged" && problem !== "end";
    super(
      isForeign ? "unsupported" : "invalid-file",
      `expected a pickle of plain values, got ${got} at byte ${at}`,
    );
    this.got = got;
    this.problem = problem;
    this.at = at;
    this.python = python;
  }
}
