import { PickleError } from "./pickle-error.js";
import type { PythonGlobal, PythonValue } from "./python-value.js";

/** Opens a group of items on the stack. */
export const MARK: unique symbol = Symbol("mark");

export type PickleItem = PythonValue | typeof MARK;

/** State of one pickle that is being read. */
export interface PickleMachine {
  readonly bytes: Buffer;
  at: number;
  readonly stack: PickleItem[];
  readonly memo: Map<number, PickleItem>;
  readonly globals: (name: string) => PythonGlobal | undefined;
  readonly persistent: (id: PythonValue) => PythonValue;
}

/** The bytes end within an operation. */
function endOfBytes(): PickleError {
  return new PickleError("the end of the file", { problem: "end" });
}

export function take(machine: PickleMachine, length: number): Buffer {
  const { bytes, at } = machine;
  if (!(length >= 0) || at + length > bytes.length) throw endOfBytes();
  machine.at += length;
  return bytes.subarray(at, at + length);
}

/** Up to the next newline, as Latin-1. */
export function line(machine: PickleMachine): string {
  const end = machine.bytes.indexOf(10, machine.at);
  if (end < 0) throw endOfBytes();
  const text = machine.bytes.toString("latin1", machine.at, end);
  machine.at = end + 1;
  return text;
}

export function pop({ stack }: PickleMachine): PythonValue {
  const value = stack.pop();
  if (value === undefined || value === MARK) throw new PickleError("an empty stack");
  return value;
}

/** So many values from the top, the lowest first. */
export function popMany(machine: PickleMachine, count: number): PythonValue[] {
  return Array.from({ length: count }, () => pop(machine)).reverse();
}

/** Everything above the last mark. */
export function popMark({ stack }: PickleMachine): PythonValue[] {
  const mark = stack.lastIndexOf(MARK);
  if (mark < 0) throw new PickleError("no mark");
  return stack.splice(mark).slice(1) as PythonValue[];
}

export function remember({ stack, memo }: PickleMachine, key: number): void {
  const top = stack.at(-1);
  if (top === undefined) throw new PickleError("an empty stack");
  memo.set(key, top);
}

export function recall({ stack, memo }: PickleMachine, key: number): void {
  const value = memo.get(key);
  if (value === undefined) throw new PickleError("a reference to nothing");
  stack.push(value);
}
