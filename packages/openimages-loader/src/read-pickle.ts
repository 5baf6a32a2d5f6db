/** What a pickle without objects can hold. Integers of any size, as pickles have them. */
export type Plain = string | number | bigint | boolean | null | Plain[] | Map<Plain, Plain>;

interface Reader {
  bytes: Buffer;
  at: number;
}

const MARK = Symbol("mark");
type Item = Plain | typeof MARK;

/**
 * One pickle (protocols 0 to 5, as far as plain data needs them) from `at` on. Nothing is ever built or called but an
 * OrderedDict: a pickle may name any Python function, and unpickling one from elsewhere would run it.
 *
 * @returns the value and where the next pickle begins.
 * @throws for objects, calls, and bytes that are no pickle, with the offset.
 */
export function readPickle(bytes: Buffer, at = 0): { value: Plain; end: number } {
  const reader: Reader = { bytes, at };
  const stack: Item[] = [];
  const memo = new Map<number, Item>();
  for (;;) {
    const start = reader.at;
    if (start >= bytes.length) throw wrong(start, "the end of the file");
    const code = bytes[reader.at++]!;
    if (code === STOP) {
      const [value] = stack;
      if (stack.length !== 1 || value === MARK || value === undefined)
        throw wrong(start, "an unfinished value");
      return { value, end: reader.at };
    }
    const operation = operations[code];
    if (!operation) {
      throw wrong(
        start,
        `operation 0x${code.toString(16)} (${JSON.stringify(String.fromCharCode(code))}), which builds an object`,
      );
    }
    try {
      operation({ reader, stack, memo });
    } catch (error) {
      throw wrong(start, (error as Error).message);
    }
  }
}

interface Machine {
  reader: Reader;
  stack: Item[];
  memo: Map<number, Item>;
}
type Operation = (machine: Machine) => void;

const STOP = ".".charCodeAt(0);
/** Stands for `collections.OrderedDict` until it is called. */
const ORDERED_DICT = "\0collections.OrderedDict";

const wrong = (at: number, what: string): Error =>
  new Error(`expected a pickle of plain texts and numbers, got ${what} at byte ${at}`);

function take({ reader }: Machine, length: number): Buffer {
  const { bytes, at } = reader;
  if (!(length >= 0) || at + length > bytes.length) throw new Error("the end of the file");
  reader.at += length;
  return bytes.subarray(at, at + length);
}

function line({ reader }: Machine): string {
  const end = reader.bytes.indexOf(10, reader.at);
  if (end < 0) throw new Error("the end of the file");
  const text = reader.bytes.toString("latin1", reader.at, end);
  reader.at = end + 1;
  return text;
}

const uint8 = (machine: Machine): number => take(machine, 1)[0]!;
const uint32 = (machine: Machine): number => take(machine, 4).readUInt32LE(0);

function pop({ stack }: Machine): Plain {
  const value = stack.pop();
  if (value === undefined || value === MARK) throw new Error("an empty stack");
  return value;
}

/** Everything above the last mark. */
function popMark({ stack }: Machine): Plain[] {
  const mark = stack.lastIndexOf(MARK);
  if (mark < 0) throw new Error("no mark");
  return stack.splice(mark).slice(1) as Plain[];
}

const push = (read: (machine: Machine) => Plain): Operation => {
  return (machine) => {
    machine.stack.push(read(machine));
  };
};
const text = (length: (machine: Machine) => number): Operation =>
  push((machine) => take(machine, length(machine)).toString("utf8"));

function setItems(machine: Machine, items: readonly Plain[]): void {
  const map = machine.stack.at(-1);
  if (!(map instanceof Map) || items.length % 2 !== 0)
    throw new Error("items of something else than a dictionary");
  for (let i = 0; i < items.length; i += 2) map.set(items[i]!, items[i + 1]!);
}

function append(machine: Machine, items: readonly Plain[]): void {
  const list = machine.stack.at(-1);
  if (!Array.isArray(list)) throw new Error("items of something else than a list");
  for (const item of items) list.push(item);
}

function remember(machine: Machine, key: number): void {
  const top = machine.stack.at(-1);
  if (top === undefined) throw new Error("an empty stack");
  machine.memo.set(key, top);
}

function recall(machine: Machine, key: number): void {
  const value = machine.memo.get(key);
  if (value === undefined) throw new Error("a reference to nothing");
  machine.stack.push(value);
}

function dictionary(items: readonly Plain[]): Map<Plain, Plain> {
  if (items.length % 2 !== 0) throw new Error("a key without a value");
  return new Map(Array.from({ length: items.length / 2 }, (_, i) => [items[2 * i]!, items[2 * i + 1]!]));
}

function global(module: string, name: string): Plain {
  if (module !== "collections" || name !== "OrderedDict")
    throw new Error(`the Python object ${module}.${name}`);
  return ORDERED_DICT;
}

function call(machine: Machine): void {
  const args = pop(machine);
  const callee = pop(machine);
  if (callee !== ORDERED_DICT || !Array.isArray(args)) throw new Error("a call");
  const [pairs = []] = args;
  if (!Array.isArray(pairs)) throw new Error("an OrderedDict of something else");
  machine.stack.push(new Map(pairs as [Plain, Plain][]));
}

/** A little-endian integer in two's complement. */
function long(bytes: Buffer): number | bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  if (bytes.length > 0 && bytes.at(-1)! >= 0x80) value -= 1n << BigInt(8 * bytes.length);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function decimal(written: string): Plain {
  if (written === "00" || written === "01") return written === "01";
  if (!/^-?\d+L?$/.test(written)) throw new Error(`the number ${JSON.stringify(written)}`);
  return Number(written.replace("L", ""));
}

/** Python's raw-unicode-escape: Latin-1, everything else as \u or \U and digits. */
function rawUnicode(written: string): string {
  return written.replace(/\\(?:u([0-9a-f]{4})|U([0-9a-f]{8}))/gi, (_, short?: string, long?: string) =>
    String.fromCodePoint(Number.parseInt(short ?? long!, 16)),
  );
}

/** The bytes as pickle's documentation (pickletools) names them. */
const operations: Readonly<Record<number, Operation>> = Object.fromEntries(
  Object.entries({
    "\x80": (m) => uint8(m), // PROTO
    "\x95": (m) => take(m, 8), // FRAME
    "(": ({ stack }) => stack.push(MARK),
    "0": (m) => pop(m),
    "1": (m) => popMark(m),
    "2": (m) => m.stack.push(m.stack.at(-1)!),
    "}": push(() => new Map()),
    "]": push(() => []),
    ")": push(() => []), // a tuple, as a list
    d: push((m) => dictionary(popMark(m))),
    l: push((m) => popMark(m)),
    t: push((m) => popMark(m)),
    "\x85": push((m) => [pop(m)]),
    "\x86": push((m) => [pop(m), pop(m)].reverse()),
    "\x87": push((m) => [pop(m), pop(m), pop(m)].reverse()),
    N: push(() => null),
    "\x88": push(() => true),
    "\x89": push(() => false),
    X: text(uint32), // BINUNICODE
    "\x8c": text(uint8), // SHORT_BINUNICODE
    "\x8d": text((m) => Number(take(m, 8).readBigUInt64LE(0))), // BINUNICODE8
    V: push((m) => rawUnicode(line(m))),
    U: text(uint8), // SHORT_BINSTRING, of Python 2
    T: text(uint32), // BINSTRING
    S: push((m) =>
      line(m)
        .slice(1, -1)
        .replace(/\\(['"\\])/g, "$1"),
    ), // STRING
    K: push(uint8), // BININT1
    M: push((m) => take(m, 2).readUInt16LE(0)), // BININT2
    J: push((m) => take(m, 4).readInt32LE(0)), // BININT
    I: push((m) => decimal(line(m))),
    L: push((m) => decimal(line(m))),
    "\x8a": push((m) => long(take(m, uint8(m)))), // LONG1
    "\x8b": push((m) => long(take(m, uint32(m)))), // LONG4
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
    s: (m) => setItems(m, [pop(m), pop(m)].reverse()),
    e: (m) => append(m, popMark(m)),
    a: (m) => append(m, [pop(m)]),
    c: push((m) => global(line(m), line(m))),
    "\x93": push((m) => {
      const name = pop(m);
      return global(String(pop(m)), String(name));
    }),
    R: (m) => call(m),
  } satisfies Record<string, (machine: Machine) => unknown>).map(([character, operation]) => [
    character.charCodeAt(0),
    operation as Operation,
  ]),
);
