/** Why some bytes are no pickle that is read here. */
export class PickleError extends Error {
  override readonly name = "PickleError";

  constructor(
    /** What was found instead, e.g. "the end of the file". */
    readonly got: string,
    /** Offset of the operation, in bytes. */
    readonly at: number,
    /** The Python class or function that is not known. */
    readonly python?: string,
    /** Whether that stands at the very beginning: the whole pickle is an object of it. */
    readonly whole = false,
  ) {
    super(`expected a pickle of plain values, got ${got} at byte ${at}`);
  }
}

/** The bytes end within the pickle: more of the file may help. */
export class PickleEnd extends PickleError {
  constructor(at: number) {
    super("the end of the file", at);
  }
}

/** A name that nobody knows; thrown within an operation. */
export class UnknownGlobal extends Error {
  constructor(readonly python: string) {
    super(`the Python object ${python}`);
  }
}
