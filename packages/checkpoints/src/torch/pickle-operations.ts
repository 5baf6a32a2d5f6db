import { PickleError } from "./pickle-error.js";
import {
  line,
  MARK,
  type PickleItem,
  type PickleMachine,
  pop,
  popMany,
  popMark,
  recall,
  remember,
  take,
} from "./pickle-machine.js";
import { parseDecimal, parseLong, rawUnicode } from "./pickle-scalars.js";
import { isPythonObject, type PythonGlobal, type PythonValue } from "./python-value.js";

type Operation = (machine: PickleMachine) => void;

export const STOP: number = ".".charCodeAt(0);

const uint8 = (machine: PickleMachine): number => take(machine, 1)[0]!;
const uint32 = (machine: PickleMachine): number => take(machine, 4).readUInt32LE(0);
const uint64 = (machine: PickleMachine): number => Number(take(machine, 8).readBigUInt64LE(0));

const push = (read: (machine: PickleMachine) => PythonValue): Operation => {
  return (machine) => {
    machine.stack.push(read(machine));
  };
};
const text = (length: (machine: PickleMachine) => number): Operation =>
  push((machine) => take(machine, length(machine)).toString("utf8"));
const bytes = (length: (machine: PickleMachine) => number): Operation =>
  push((machine) => Uint8Array.from(take(machine, length(machine))));

/** Items for a dictionary. An object that is not built accepts them and drops them. */
function setItems({ stack }: PickleMachine, items: readonly PythonValue[]): void {
  const map = top(stack);
  if (isPythonObject(map)) return;
  if (!(map instanceof Map) || items.length % 2 !== 0)
    throw new PickleError("items of something else than a dictionary");
  for (let i = 0; i < items.length; i += 2) map.set(items[i]!, items[i + 1]!);
}

function append({ stack }: PickleMachine, items: readonly PythonValue[]): void {
  const list = top(stack);
  if (isPythonObject(list)) return;
  if (!Array.isArray(list)) throw new PickleError("items of something else than a list");
  for (const item of items) list.push(item);
}

function top(stack: readonly PickleItem[]): PythonValue | undefined {
  const value = stack.at(-1);
  return value === MARK ? undefined : value;
}

function dictionary(items: readonly PythonValue[]): Map<PythonValue, PythonValue> {
  if (items.length % 2 !== 0) throw new PickleError("a key without a value");
  return new Map(
    Array.from({ length: items.length / 2 }, (_, i) => [items[2 * i]!, items[2 * i + 1]!] as const),
  );
}

function findGlobal({ globals }: PickleMachine, module: string, name: string): PythonGlobal {
  const known = globals(`${module}.${name}`);
  if (!known) {
    const python = `${module}.${name}`;
    throw new PickleError(`the Python object ${python}`, { problem: "name", python });
  }
  return known;
}

function call(callee: PythonValue, args: PythonValue): PythonValue {
  if (!isPythonObject(callee) || !Array.isArray(args)) throw new PickleError("a call of no function");
  const { call, python } = callee as PythonGlobal;
  if (!call) throw new PickleError(`a call of ${python}`);
  return call(args);
}

/** Sets attributes. A dictionary's (a state-dict has `_metadata`) and an object's are not used. */
function build(machine: PickleMachine): void {
  pop(machine);
  const object = top(machine.stack);
  if (!(object instanceof Map || isPythonObject(object)))
    throw new PickleError("attributes of a plain value");
}

/** The bytes as pickle's documentation (pickletools) names them. */
export const operations: Readonly<Record<number, Operation>> = Object.fromEntries(
  Object.entries({
    "\x80": (m) => uint8(m), // PROTO
    "\x95": (m) => take(m, 8), // FRAME
    "(": ({ stack }) => stack.push(MARK),
    "0": (m) => m.stack.pop(), // POP, a mark too
    "1": (m) => popMark(m),
    "2": push((m) => {
      const value = pop(m);
      m.stack.push(value);
      return value;
    }), // DUP
    "}": push(() => new Map()),
    "]": push(() => []),
    ")": push(() => []), // a tuple, as a list
    "\x8f": push(() => []), // EMPTY_SET
    "\x91": push((m) => popMark(m)), // FROZENSET
    d: push((m) => dictionary(popMark(m))),
    l: push((m) => popMark(m)),
    t: push((m) => popMark(m)),
    "\x85": push((m) => popMany(m, 1)),
    "\x86": push((m) => popMany(m, 2)),
    "\x87": push((m) => popMany(m, 3)),
    N: push(() => null),
    "\x88": push(() => true),
    "\x89": push(() => false),
    X: text(uint32), // BINUNICODE
    "\x8c": text(uint8), // SHORT_BINUNICODE
    "\x8d": text(uint64), // BINUNICODE8
    V: push((m) => rawUnicode(line(m))),
    U: text(uint8), // SHORT_BINSTRING, of Python 2
    T: text(uint32), // BINSTRING
    S: push((m) =>
      line(m)
        .slice(1, -1)
        .replace(/\\(['"\\])/g, "$1"),
    ), // STRING
    C: bytes(uint8), // SHORT_BINBYTES
    B: bytes(uint32), // BINBYTES
    "\x8e": bytes(uint64), // BINBYTES8
    "\x96": bytes(uint64), // BYTEARRAY8
    K: push(uint8), // BININT1
    M: push((m) => take(m, 2).readUInt16LE(0)), // BININT2
    J: push((m) => take(m, 4).readInt32LE(0)), // BININT
    I: push((m) => parseDecimal(line(m))),
    L: push((m) => parseDecimal(line(m))),
    "\x8a": push((m) => parseLong(take(m, uint8(m)))), // LONG1
    "\x8b": push((m) => parseLong(take(m, uint32(m)))), // LONG4
    G: push((m) => take(m, 8).readDoubleBE(0)),
    F: push((m) => Number(line(m))),
    q: (m) => remember(m, uint8(m)), // BINPUT
    r: (m) => remember(m, uint32(m)), // LONG_BINPUT
    p: (m) => remember(m, Number(line(m))), // PUT
    "\x94": (m) => remember(m, m.memo.size), // MEMOIZE
    h: (m) => recall(m, uint8(m)),
    j: (m) => recall(m, uint32(m)),
    g: (m) => recall(m, Number(line(m))),
    u: (m) => setItems(m, popMark(m)),
    s: (m) => setItems(m, popMany(m, 2)),
    e: (m) => append(m, popMark(m)),
    "\x90": (m) => append(m, popMark(m)), // ADDITEMS
    a: (m) => append(m, [pop(m)]),
    c: push((m) => findGlobal(m, line(m), line(m))),
    "\x93": push((m) => {
      const [module, name] = popMany(m, 2);
      if (typeof module !== "string" || typeof name !== "string")
        throw new PickleError("a name that is not a text");
      return findGlobal(m, module, name);
    }), // STACK_GLOBAL
    R: push((m) => {
      const [callee, args] = popMany(m, 2);
      return call(callee!, args!);
    }),
    "\x81": push((m) => {
      const [callee, args] = popMany(m, 2);
      return call(callee!, args!);
    }), // NEWOBJ
    "\x92": push((m) => {
      const [callee, args] = popMany(m, 3);
      return call(callee!, args!);
    }), // NEWOBJ_EX; keyword arguments are not used
    b: build,
    Q: push((m) => m.persistent(pop(m))), // BINPERSID
    P: push((m) => m.persistent(line(m))), // PERSID
  } satisfies Record<string, (machine: PickleMachine) => unknown>).map(([character, operation]) => [
    character.charCodeAt(0),
    operation as Operation,
  ]),
);
