import { PickleError } from "./pickle-error.js";
import { MARK, type PickleMachine } from "./pickle-machine.js";
import { operations, STOP } from "./pickle-operations.js";
import type { PythonGlobal, PythonValue } from "./python-value.js";

export interface UnpickleOptions {
  /** Where in the bytes the pickle begins. Default 0. */
  at?: number;
  /** The class or function of a name such as "collections.OrderedDict"; undefined refuses it. Default: all are refused. */
  globals?: (name: string) => PythonGlobal | undefined;
  /** The value of a persistent id. Default: all are refused. */
  persistent?: (id: PythonValue) => PythonValue;
}

/**
 * One pickle, protocols 0 to 5. A pickle may name any Python function, and unpickling it in Python calls that. Here
 * only what `globals` knows is ever called, and that is our own code; all other names are refused.
 *
 * @returns the value and where the next pickle begins.
 * @throws PickleError for unknown names, bytes that are no pickle, and their end, with the offset.
 */
export function unpickle(
  bytes: Buffer,
  {
    at = 0,
    globals = () => undefined,
    persistent = () => {
      throw new PickleError("a persistent id");
    },
  }: UnpickleOptions = {},
): { value: PythonValue; end: number } {
  const machine: PickleMachine = { bytes, at, stack: [], memo: new Map(), globals, persistent };
  const { stack } = machine;
  for (;;) {
    const start = machine.at;
    if (start >= bytes.length) throw new PickleError("the end of the file", { problem: "end", at: start });
    const code = bytes[machine.at++]!;
    if (code === STOP) {
      const [value] = stack;
      if (stack.length !== 1 || value === MARK || value === undefined)
        throw new PickleError("an unfinished value", { at: start });
      return { value, end: machine.at };
    }
    const operation = operations[code];
    if (!operation) {
      const character = JSON.stringify(String.fromCharCode(code));
      throw new PickleError(`the unknown operation 0x${code.toString(16)} (${character})`, { at: start });
    }
    // Of PyTorch's older form, too: a model's class is the second entry of its persistent id.
    const whole = stack.length === 0 || (stack.length === 2 && stack[1] === "module");
    try {
      operation(machine);
    } catch (error) {
      const known = error instanceof PickleError ? error : new PickleError((error as Error).message);
      const { got, python } = known;
      const problem = known.problem === "name" && whole ? "object" : known.problem;
      throw new PickleError(got, { problem, at: start, python });
    }
  }
}
