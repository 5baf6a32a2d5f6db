/** What a pickle holds, as JavaScript has it. Tuples and sets are lists. Integers of any size, as pickles have them. */
export type PythonValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | PythonValue[]
  | Map<PythonValue, PythonValue>
  | PythonObject;

/** Anything else: a tensor, a storage, a class, or the name of an object that is not built. */
export interface PythonObject {
  /** Its qualified name in Python, e.g. "torch.FloatStorage". */
  readonly python: string;
}

/** A class or function that a pickle names. */
export interface PythonGlobal extends PythonObject {
  /** What a call of it gives; absent for names that are only passed about. */
  readonly call?: (args: readonly PythonValue[]) => PythonValue;
}

export function isPythonObject(value: PythonValue | undefined): value is PythonObject {
  return typeof value === "object" && value !== null && "python" in value;
}

/** A value in few words, for messages. */
export function describe(value: PythonValue | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "None";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Map) return `a dictionary of ${value.size}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (isPythonObject(value)) return `a ${value.python}`;
  return typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : String(value);
}
