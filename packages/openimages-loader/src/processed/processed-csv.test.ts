import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { ClassList, type LabelTable } from "@csl/labels";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readProcessedCsv } from "./processed-csv.js";
import { parsePythonList } from "./python-list.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "csl-processed-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const read = async (text: string, options = {}) => {
  const path = join(folder, "data.csv");
  await writeFile(path, text);
  return readProcessedCsv(path, { index: false, ...options });
};
const rowsOf = (table: LabelTable): string[] =>
  Array.from(table.sampleIds, (id, sample) => {
    const { classes, labels } = table.row(sample);
    return `${id} ${Array.from(classes, (c, i) => `${table.classes.ids[c]}=${labels[i]}`).join(" ")}`.trim();
  });

describe("Python lists", () => {
  test.each([
    ["[]", []],
    ["", []],
    ["[ ]", []],
    ["['/m/01', '/m/02']", ["/m/01", "/m/02"]],
    [`["/m/01",'/m/02',]`, ["/m/01", "/m/02"]],
    [` [ ' a ' , "b" ] `, ["a", "b"]],
    [`['it\\'s', "a \\"b\\"", 'back\\\\slash']`, ["it's", 'a "b"', "back\\slash"]],
    [`['a, b', "it's"]`, ["a, b", "it's"]],
  ])("%s", (literal, expected) => expect(parsePythonList(literal)).toEqual(expected));
  test.each([
    "[/m/01]",
    "['a' 'b']",
    "['a'",
    "'a'",
    "['a\"]",
    "['a'] + ['b']",
    "[['a']]",
    "['a',,'b']",
    "[1]",
    "[,]",
  ])("%s is none", (literal) =>
    expect(parsePythonList(literal)).toMatch(/^expected a list like \['\/m\/01', '\/m\/02'\], got /),
  );
});

const A = "00000000000000aa";
const B = "00000000000000bb";

test("four columns: path, positives, negatives, split, whatever the header says", async () => {
  const { splits, report } = await read(
    `img_path,Pos,Neg,which\r\ntrain/${B}.jpg,"['/m/0b', '/m/0a']","[""/m/0c""]",train\r\ntest/${A}.jpg,[],"['/m/0a']",val\r\ntrain/${A}.jpg,['/m/0c'],[],train`,
  );
  expect(Object.keys(splits)).toEqual(["train", "val"]);
  expect(rowsOf(splits.train!.table)).toEqual([`${B} /m/0a=1 /m/0b=1 /m/0c=0`, `${A} /m/0c=1`]);
  expect([...splits.train!.fileNames]).toEqual([`train/${B}.jpg`, `train/${A}.jpg`]);
  expect(rowsOf(splits.val!.table)).toEqual([`${A} /m/0a=0`]);
  expect(splits.val!.table.classes.ids).toEqual(["/m/0a", "/m/0b", "/m/0c"]);
  expect(report.rows).toBe(3);
});

test("three columns: path, positives, split; no header; names that are no ids", async () => {
  const { splits } = await read(`beach/1.jpg,"['sea','sky']",train\nbeach/2.jpg,[],train\n`);
  expect(rowsOf(splits.train!.table)).toEqual(["beach/1.jpg sea=1 sky=1", "beach/2.jpg"]);
});

test("repeated images merge, contradictions and unknown classes are counted, bad rows named", async () => {
  const classes = ClassList.from([{ id: "/m/0a", name: "A" }]);
  const { splits, report } = await read(
    `p,x,y,s\na.jpg,['/m/0a'],['/m/0a'],train\nb.jpg,"['/m/0z']",[],train\nb.jpg,['/m/0a'],[],train\nc.jpg,[/m/0a],[],train\nd.jpg,[],[]\n,[],[],train\ne.jpg,[],[],train,more\n`,
    { classes },
  );
  expect(rowsOf(splits.train!.table)).toEqual(["a.jpg", "b.jpg /m/0a=1"]);
  expect(report).toMatchObject({
    rows: 7,
    repeatedImages: 1,
    contradictions: 1,
    unknownClasses: { rows: 1, classes: 1, examples: [{ id: "/m/0z", rows: 1 }] },
  });
  expect(report.badRows.examples.map(({ line, reason }) => `${line} ${reason.slice(0, 30)}`)).toEqual([
    "5 expected a list like ['/m/01',",
    "7 an empty path",
    "8 5 columns instead of 4 or 3",
  ]);
  // A row of three columns has no negatives, and its split is the last: here "[]".
  expect(Object.keys(splits)).toEqual(["train", "[]"]);
});

test("a torn last line is reported, the rows before it count; a file of another kind is refused", async () => {
  const { splits, report } = await read(`a.jpg,['/m/0a'],[],train\nb.jpg,"['/m/0`);
  expect([...splits.train!.fileNames]).toEqual(["a.jpg"]);
  expect(report.badRows.examples[0]).toMatchObject({
    line: 2,
    reason: expect.stringContaining("unclosed quote"),
  });
  const cut = await read(`a.jpg,['/m/0a'],[],train\nb.jpg,['/m/0a']`);
  expect(cut.report.badRows.examples[0]).toMatchObject({ line: 2, reason: "2 columns instead of 4 or 3" });
  await expect(read("a,b\nc,d\n")).rejects.toThrow("expected rows of path, positives, negatives, split in");
});

test("images listed again merge where they first were, in any split's order", async () => {
  const { splits, report } = await read(
    `train/${B}.jpg,['/m/0b'],[],train\ntrain/${A}.jpg,['/m/0a'],[],train\n${B}.jpg,['/m/0a'],['/m/0b'],train\n${A}.jpg,['/m/0a'],[],val\n`,
  );
  expect(rowsOf(splits.train!.table)).toEqual([`${B} /m/0a=1`, `${A} /m/0a=1`]);
  expect([...splits.train!.fileNames]).toEqual([`train/${B}.jpg`, `train/${A}.jpg`]);
  expect(report).toMatchObject({ repeatedImages: 1, contradictions: 1 });
});

test("thousands of rows, and the same again from the index until the file changes", async () => {
  const random = mulberry32(2);
  const rows = Array.from({ length: 3000 }, (_, i) => {
    const mids = Array.from({ length: Math.floor(random() * 8) }, () => `/m/0${Math.floor(random() * 50)}`);
    const unique = [...new Set(mids)];
    const cut = Math.floor(random() * (unique.length + 1));
    return {
      path: `a/b/${i}.jpg`,
      positives: unique.slice(0, cut).sort(),
      negatives: unique.slice(cut).sort(),
    };
  });
  const literal = (mids: readonly string[]): string => `"[${mids.map((mid) => `'${mid}'`).join(", ")}]"`;
  const text = rows
    .map((row) => `${row.path},${literal(row.positives)},${literal(row.negatives)},train\n`)
    .join("");
  const first = await read(text, { index: true });
  const { table, fileNames } = first.splits.train!;
  expect([...fileNames]).toEqual(rows.map(({ path }) => path));
  for (const [sample, row] of rows.entries()) {
    const { classes, labels } = table.row(sample);
    const of = (label: number) =>
      [...classes].filter((_, i) => labels[i] === label).map((c) => table.classes.ids[c]);
    expect([of(1), of(0)]).toEqual([row.positives, row.negatives]);
  }
  const second = await readProcessedCsv(join(folder, "data.csv"));
  expect(second.report.index?.hit).toBe(true);
  expect(second.splits.train!.table.hash()).toBe(table.hash());
  expect([...second.splits.train!.fileNames]).toEqual([...fileNames]);
  expect({ ...second.report, index: 0 }).toEqual({ ...first.report, index: 0 });
  expect((await read(`${text}c.jpg,[],[],train\n`, { index: true })).report.index?.hit).toBe(false);
});

test("a stray quote leaves out its own line, not the file behind it", async () => {
  const line = `${A}.jpg,"['/m/0a']",[],train`;
  const { splits, report } = await read(
    `${line}\ny.jpg,"['/m/0a'"],[],train\n${B}.jpg,"['/m/0b']",[],train\n`,
  );
  expect(rowsOf(splits.train!.table)).toEqual([`${A} /m/0a=1`, `${B} /m/0b=1`]);
  expect(report.badRows.examples.map(({ line: at }) => at)).toEqual([2]);
});

test.each([true, false])("a file that is not there is named, with an index: %s", async (index) => {
  await expect(readProcessedCsv(join(folder, "none"), { index })).rejects.toThrow(
    /^readProcessedCsv: .*none: expected a file, got ENOENT\. Is the path right\?$/,
  );
  await expect(readProcessedCsv(folder, { index })).rejects.toThrow(
    /^readProcessedCsv: .*: expected a file, got a folder/,
  );
});
