import { gzipSync } from "node:zlib";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, test } from "vitest";
import { mulberry32, type Random } from "../random/mulberry32.js";
import type { JsonCursor } from "./json-cursor.js";
import { scanJson } from "./scan-json.js";

const { file } = temporaryFolder();

const TEXTS = [
  "",
  "id",
  "a",
  "segmentation",
  'q"uote',
  "back\\slash",
  "\\",
  "[{]}",
  "zw\u00f6lf \u{1f600}",
  "tab\t\n",
  "/m/01",
];

/** Any JSON value: long lists of numbers, as polygons are, among them. */
function draw(random: Random, depth: number): unknown {
  const whole = (n: number): number => Math.floor(random() * n);
  const kind = whole(depth > 0 ? 9 : 6);
  if (kind === 0) return whole(1e6);
  if (kind === 1) return (random() - 0.5) * 10 ** (whole(40) - 20);
  if (kind === 2) return TEXTS[whole(TEXTS.length)];
  if (kind === 3) return [true, false, null][whole(3)];
  if (kind === 4) return whole(2) * -7;
  if (kind === 5) return Array.from({ length: whole(80) }, () => Number((random() * 640).toFixed(whole(3))));
  if (kind < 8) return Array.from({ length: whole(6) }, () => draw(random, depth - 1));
  return Object.fromEntries(
    Array.from({ length: whole(6) }, () => [TEXTS[whole(TEXTS.length)]!, draw(random, depth - 1)]),
  );
}

/** One of the many texts of a value: white space anywhere, characters escaped or not. */
function write(value: unknown, random: Random): string {
  const space = (): string => (random() < 0.8 ? "" : " \n\t\r".slice(0, Math.floor(random() * 5)));
  const text = (s: string): string =>
    random() < 0.2
      ? `"${Array.from({ length: s.length }, (_, i) => `\\u${s.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")}"`
      : JSON.stringify(s);
  if (typeof value === "string") return text(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const parts = Array.isArray(value)
    ? value.map((item) => write(item, random))
    : Object.entries(value).map(([k, v]) => `${text(k)}${space()}:${space()}${write(v, random)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}${space()}${parts.join(`${space()},${space()}`)}${space()}${close}`;
}

/** Reads an object member by member: numbers, texts and lists by their own methods, every third key skipped. */
function members(cursor: JsonCursor): unknown[] {
  const found: unknown[] = [];
  if (cursor.peek("a value") !== 0x7b) return [cursor.value()];
  if (!cursor.open("{")) return found;
  const keys = ["id", "a", "segmentation"].map((key) => Buffer.from(key));
  do {
    const key = cursor.key(keys);
    const first = cursor.peek("a value");
    if (key < 0) cursor.skip();
    else if (first === 0x22) found.push(key, cursor.text());
    else if (first >= 0x30 && first <= 0x39) found.push(key, cursor.number("a number"));
    else found.push(key, cursor.value());
  } while (cursor.more("}"));
  return found;
}

const membersOf = (value: unknown): unknown[] =>
  typeof value !== "object" || value === null || Array.isArray(value)
    ? [value]
    : Object.entries(value).flatMap(([key, v]) => {
        const at = ["id", "a", "segmentation"].indexOf(key);
        return at < 0 ? [] : [at, v];
      });

// Property: on any document, cut into blocks anywhere, the scanner finds what JSON.parse finds.
test("reads what JSON.parse reads, whatever the form and the blocks", async () => {
  for (let seed = 1; seed <= 150; seed++) {
    const random = mulberry32(seed);
    const list = (): unknown[] => Array.from({ length: Math.floor(random() * 12) }, () => draw(random, 3));
    const entries: [string, unknown][] = [
      ["whole", list()],
      ["members", list()],
      ["skipped", list()],
      ["other", draw(random, 4)],
      ["id", draw(random, 2)],
    ];
    entries.sort(() => random() - 0.5);
    const text = write(Object.fromEntries(entries), random);
    const parsed = JSON.parse(text) as Record<string, unknown[]>;
    const found = { whole: [] as unknown[], members: [] as unknown[], skipped: 0 };
    const blockSize = seed % 3 === 0 ? 1 << 16 : 1 + Math.floor(random() * 100);
    const path = file("random.json", seed % 5 === 0 ? gzipSync(text) : text);
    const seen = await scanJson(
      path,
      {
        whole: (cursor) => found.whole.push(cursor.value()),
        members: (cursor) => found.members.push(members(cursor)),
        skipped: (cursor) => {
          cursor.skip();
          found.skipped++;
        },
        missing: (cursor) => cursor.skip(),
      },
      { blockSize },
    );
    expect(found.whole, `seed ${seed}`).toEqual(parsed.whole);
    expect(found.members, `seed ${seed}`).toEqual(parsed.members!.map(membersOf));
    expect(found.skipped, `seed ${seed}`).toBe(parsed.skipped!.length);
    expect([...seen].sort()).toEqual(["members", "skipped", "whole"]);
  }
});

test("a file cut off anywhere names the byte", async () => {
  const whole = Buffer.from(
    write({ list: [{ id: 12, a: [[1.5, 2, 3e5]], b: "x\\" }, { id: 3 }], c: { d: [] } }, mulberry32(3)),
  );
  for (let length = 1; length < whole.length; length++) {
    const path = file("cut.json", whole.subarray(0, length));
    await expect(scanJson(path, { list: members }, { blockSize: 16 }), `${length} bytes`).rejects.toThrow(
      new RegExp(`^expected .* at byte ${length}, got the end of the file. The file is cut off`),
    );
  }
});

test("numbers keep all their digits", async () => {
  const texts = ["0", "7", "999999999999999", "1234567890123456789", "0.1", "-0.5", "1e3", "12.5E-2", "-3"];
  const found: number[] = [];
  const path = file("numbers.json", `{"n":[${texts.join(",")}]}`);
  await scanJson(path, { n: (cursor) => found.push(cursor.number("a number")) }, { blockSize: 5 });
  expect(found).toEqual(texts.map(Number));
});

test.each([
  ["a number with a leading zero", '{"n":[01]}', "expected a number (a number) at byte 6"],
  ["a text for a number", '{"n":["1"]}', 'expected a number (a number) at byte 6, got "\\""'],
  ["two signs", '{"n":[1--2]}', "expected a number (a number) at byte 6"],
  ["a missing comma", '{"n":[1 2]}', 'expected "," or "]" at byte 8, got "2"'],
  ["a colon that is none", '{"n"=[1]}', 'expected ":" at byte 4, got "="'],
  ["a key without quotes", "{n:[1]}", "expected a key in quotes at byte 1"],
  ["no list", '{"n":{"a":1}}', 'expected a list under "n" at byte 5'],
  ["a value that is none", '{"m":,"n":[]}', 'expected a value at byte 5, got ","'],
])("%s is refused with its byte", async (_name, text, message) => {
  const path = file("bad.json", text);
  await expect(scanJson(path, { n: (cursor) => cursor.number("a number") })).rejects.toThrow(message);
});
