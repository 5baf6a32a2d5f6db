import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ClassList } from "@csl/labels";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, test } from "vitest";
import { readClassList } from "./read-class-list.js";
import { readCustomLabels, splitCustomLabels } from "./read-custom-labels.js";
import { formatCustomLabelsReport, validateCustomLabels } from "./validate-custom-labels.js";

const { folder, file } = temporaryFolder();

/** Rows as `path: labels`, a letter a class: + positive, - negative, . un-annotated. */
function shown({ table, fileNames }: Awaited<ReturnType<typeof readCustomLabels>>): string[] {
  return fileNames.map((name, i) => {
    const labels = Array.from(table.dense([i]), (label) => "-.+"[label === 0 ? 0 : label === 1 ? 2 : 1]);
    return `${table.sampleIds.at(i)} ${name === table.sampleIds.at(i) ? "" : `(${name}) `}${labels.join("")}`;
  });
}

const csv = 'path,positives,negatives\na/1.jpg,cat;dog,cow\n"b, 2.jpg",,*\nc.jpg,cow|cat,\n';
const jsonl = [
  { path: "a/1.jpg", positives: ["cat", "dog"], negatives: ["cow"] },
  { path: "b, 2.jpg", positives: [], negatives: "*" },
  { path: "c.jpg", positives: ["cow", "cat"] },
]
  .map((row) => JSON.stringify(row))
  .join("\n");
const windows = csv.replaceAll("\n", "\r\n").replace("a/1.jpg", ".\\a\\1.jpg");

test.each([
  ["CSV", csv],
  ["CSV with a byte-order mark, CRLF and Windows paths", `\ufeff${windows}`],
  ["CSV without a last newline", csv.trimEnd()],
  [
    "CSV with semicolons, as spreadsheets write it",
    csv
      .replaceAll(";", "|")
      .replaceAll("\n2", "")
      .replace(/,(?! )/g, ";"),
  ],
  ["CSV with tabs and blank lines", `${csv.replace(/,(?! )/g, "\t")}\n\n`],
  ["gzipped CSV", gzipSync(csv)],
  ["JSONL", jsonl],
  ["JSONL with a byte-order mark, CRLF and blank lines", `\ufeff${jsonl.replaceAll("\n", "\r\n\r\n")}\n`],
])("%s gives the table", async (_name, content) => {
  for (const blockSize of [7, 1 << 20]) {
    const labels = await readCustomLabels(file("labels", content), { blockSize });
    expect(labels.table.classes.ids).toEqual(["cat", "dog", "cow"]);
    expect(shown(labels)).toEqual(["a/1.jpg ++-", "b, 2.jpg ---", "c.jpg +.+"]);
    expect([labels.problems, labels.problemCounts, labels.splits]).toEqual([[], {}, undefined]);
  }
});

test("columns in any order, others skipped; quotes, line breaks and Unicode inside; splits", async () => {
  const content =
    'Split,note,negatives,PATH,positives\nval,"a ""note"",\nof two lines",/m/01,"gr\u00fcn/\u{1f600}.jpg","two\nlines"\n,x,,b.jpg,/m/01\n';
  const labels = await readCustomLabels(file("labels.csv", content));
  expect(labels.table.classes.ids).toEqual(["two\nlines", "/m/01"]);
  expect(shown(labels)).toEqual(["gr\u00fcn/\u{1f600}.jpg +-", "b.jpg .+"]);
  expect(labels.splits).toEqual(["val", ""]);
  const splits = splitCustomLabels(labels);
  expect(Object.keys(splits)).toEqual(["val", ""]);
  expect(splits[""]!.fileNames).toEqual(["b.jpg"]);
  expect(splits[""]!.table.label(0, 1)).toBe(1);
  expect(splitCustomLabels({ ...labels, splits: undefined } as never)[""]!.fileNames).toHaveLength(2);
});

test("every problem has its line, what becomes of the row, and is counted", async () => {
  const classes = ClassList.from(["cat", "dog", "cow"].map((id) => ({ id, name: `the ${id}` })));
  const rows = [
    "path,positives,negatives",
    "1.jpg,cat;dogg,cow", // 2
    "",
    '2.jpg,cat;dog,"cat', // 4, of two lines
    ';cow"',
    "1.jpg,dog,", // 6
    ",cat,", // 7
    "3.jpg,cat", // 8
    "4.jpg,,", // 9
    "5.jpg,the dog,", // 10
    "6.jpg,c\ufffdt,", // 11
    "7.jpg,dog", // 12, no newline behind it
  ];
  const labels = await readCustomLabels(file("labels.csv", rows.join("\n")), { classes });
  expect(shown(labels)).toEqual(["1.jpg ++-", "2.jpg .+-", "4.jpg ...", "5.jpg ...", "6.jpg ..."]);
  expect(labels.problems).toEqual([
    { line: 2, kind: "unknown-class", message: 'unknown id "dogg" among 3 classes. Did you mean "dog"?' },
    { line: 4, kind: "both-lists", message: '"cat" is in positives and in negatives' },
    { line: 6, kind: "repeated-path", message: '"1.jpg" is in line 2 already' },
    { line: 7, kind: "no-path", message: "expected a path, got none" },
    { line: 8, kind: "bad-row", message: 'expected 3 fields, got 2: "3.jpg,cat"' },
    { line: 9, kind: "no-labels", message: '"4.jpg" has neither positives nor negatives' },
    {
      line: 10,
      kind: "unknown-class",
      message: 'unknown id "the dog" among 3 classes. That is the display name of id "dog"; use the id.',
    },
    { line: 11, kind: "encoding", message: expect.stringContaining('got "6.jpg"') },
    { line: 11, kind: "unknown-class", message: expect.stringContaining("unknown id") },
    { line: 12, kind: "torn-line", message: 'expected 3 fields, got 2: "7.jpg,dog"' },
  ]);
  expect(labels.problemCounts).toEqual({
    "unknown-class": 3,
    "both-lists": 1,
    "repeated-path": 1,
    "no-path": 1,
    "bad-row": 1,
    "no-labels": 1,
    encoding: 1,
    "torn-line": 1,
  });
  const few = await readCustomLabels(file("labels.csv", rows.join("\n")), { classes, keep: 1 });
  expect(few.problems.filter(({ kind }) => kind === "unknown-class")).toHaveLength(1);
  expect(few.problemCounts).toEqual(labels.problemCounts);
});

test("bad lines of JSONL are problems; the last one, cut off, is torn", async () => {
  const lines = [
    '{"path": "1.jpg", "positives": [5, "x"]}',
    '{"path": "2.jpg", "positives": ["x"]',
    '{"path": 3, "positives": ["x"]}',
    '{"path": "4.jpg", "positives": {"x": 1}}',
    "[1]",
    '{"path": "5.jpg", "positives": "x", "negatives": ["5", "*"], "split": "val"}',
    '{"path": "6.jpg", "posit',
  ];
  const labels = await readCustomLabels(file("labels.jsonl", lines.join("\n")));
  expect(shown(labels)).toEqual(["1.jpg ++", "5.jpg -+"]);
  expect(labels.problems.map(({ line, kind }) => [line, kind])).toEqual([
    [2, "bad-json"],
    [3, "bad-row"],
    [4, "bad-row"],
    [5, "bad-row"],
    [7, "torn-line"],
  ]);
  expect(labels.problems[1]!.message).toBe(
    'expected a text under "path", got "{\\"path\\": 3, \\"positives\\": [\\"x\\"]}"',
  );
});

test("lines with misplaced quotes are skipped, the reading continues", async () => {
  const rows = Array.from({ length: 30_000 }, (_, i) => `some/long/folder/image-${i}.jpg,cat,dog\n`);
  rows[9] = '"some/unclosed.jpg,cat,dog\n';
  rows[20_000] = '"some/closed".jpg,cat,dog\n';
  rows[20_001] = '"b\n2.jpg",cat,dog\n';
  const text = `path,positives,negatives\n${rows.join("")}"torn.jpg,ca`;
  const labels = await readCustomLabels(file("labels.csv", text));
  expect(labels.fileNames).toHaveLength(29_998);
  expect(labels.problems.map(({ line, kind }) => [line, kind])).toEqual([
    [11, "bad-row"],
    [20_002, "bad-row"],
    [30_003, "torn-line"],
  ]);
  expect(labels.problems[0]!.message).toMatch(
    /^expected quotes around whole fields only.*"\\"some\/unclosed.jpg,cat,dog"/,
  );
  const none = file("labels.csv", `path,positives\ny.jpg,cat\n${'x.jpg,"a"b\n'.repeat(2000)}z.jpg,cat\n`);
  const { fileNames, problemCounts } = await readCustomLabels(none);
  expect([fileNames, problemCounts]).toEqual([["y.jpg"], { "bad-row": 100, "not-read": 1 }]);
});

test("images are looked for under the root, in any form of their Unicode name", async () => {
  mkdirSync(join(folder, "root", "a"), { recursive: true });
  writeFileSync(join(folder, "root", "a", "caf\u0065\u0301.jpg"), "");
  writeFileSync(join(folder, "root", "b.jpg"), "");
  const path = file(
    "labels.csv",
    "path,positives,split\na/caf\u00e9.jpg,x,s\na/gone.jpg,x,s\nno/b.jpg,y,t\nb.jpg,y,t\n",
  );
  const labels = await readCustomLabels(path, { root: join(folder, "root") });
  expect(labels.fileNames).toEqual(["a/caf\u0065\u0301.jpg", "b.jpg"]);
  expect(labels.splits).toEqual(["s", "t"]);
  expect(shown(labels)[1]).toBe("b.jpg .+");
  expect(labels.problems.map(({ line, kind }) => [line, kind])).toEqual([
    [3, "missing-image"],
    [4, "missing-image"],
  ]);
  await expect(readCustomLabels(path, { root: join(folder, "nowhere") })).rejects.toThrow(
    /found none of 4 \(the first is a\/caf.*Are the paths relative to that folder\?/,
  );
});

test("complete rows in a file of open ones, and open rows in a file of complete ones", async () => {
  const open = await readCustomLabels(file("a.csv", "path,positives,negatives\n1,a,\n2,b,*\n3,c,a\n"));
  expect([open.table.defaultLabel, ...shown(open)]).toEqual([-1, "1 +..", "2 -+-", "3 -.+"]);
  const complete = await readCustomLabels(file("a.csv", "path,positives,negatives\n1,a,*\n2,b,*\n3,c,a\n"));
  expect([complete.table.defaultLabel, ...shown(complete)]).toEqual([0, "1 +--", "2 -+-", "3 -.+"]);
});

test.each([
  ["", "got an empty one (0 bytes)"],
  ["\n\n", "expected a header with path and positives, got blank lines"],
  [
    "file,label\n1.jpg,cat\n",
    'expected a header with path and positives (and perhaps negatives and split) in line 1, got "file,label"',
  ],
  ["path,positives\n", "expected at least one image, got no usable row"],
  ['{"path": 1}\n', 'got no usable row. Line 1: expected a text under "path"'],
  ['[{"path": "1.jpg"}]', "Write one object a line"],
  [Buffer.from("path,positives\ncaf\xe9.jpg,cat\n", "latin1"), "0xe9 at 18 (line 2)"],
])("%j is refused", async (content, message) => {
  const path = file("bad.csv", content);
  await expect(readCustomLabels(path)).rejects.toThrow(message);
  await expect(readCustomLabels(path)).rejects.toThrow(`readCustomLabels: ${path}: expected`);
});

test("a report for a terminal", async () => {
  const path = file(
    "report.csv",
    "path,positives,negatives,split\n1.jpg,cat,Cow,train\n2.jpg,cow,,val\n3.jpg,bird\n",
  );
  expect(formatCustomLabelsReport(await validateCustomLabels(path), { width: 60 })).toBe(
    [
      path,
      "  2 images, 3 classes, 2 positives, 1 negatives",
      "  splits: train 1, val 1",
      "  never positive: Cow",
      "  never negative: cat, cow",
      '  the same class? "Cow", "cow"',
      "  1 × bad-row: a row with a wrong number or kind of fields;",
      "    left out",
      '    line 4: expected 4 fields, got 2: "3.jpg,bird"',
    ].join("\n"),
  );
  const clean = await validateCustomLabels(file("clean.csv", "path,positives\n1.jpg,cat\n"));
  expect([clean.clean, formatCustomLabelsReport(clean).split("\n").at(-1)]).toEqual([true, "  no problems"]);
  const nothing = await validateCustomLabels(join(folder, "none.csv"));
  expect([nothing.clean, formatCustomLabelsReport(nothing)]).toEqual([
    false,
    expect.stringContaining("cannot be read:"),
  ]);
});

test("class lists: ids, names, header, quotes", async () => {
  const list = await readClassList(
    file("c.csv", '\ufeffid,name\r\n/m/01,"Fiat 500 ""topolino"", red"\r\n\r\n/m/02\r\n'),
  );
  expect(list.toJSON()).toEqual([
    { id: "/m/01", name: 'Fiat 500 "topolino", red' },
    { id: "/m/02", name: "/m/02" },
  ]);
  expect((await readClassList(file("c.txt", "cat\ndog"))).ids).toEqual(["cat", "dog"]);
  await expect(readClassList(file("c.txt", "cat\ncat"))).rejects.toThrow(/readClassList: .*c\.txt: .*cat/);
  await expect(readClassList(file("c.txt", "\n"))).rejects.toThrow("expected at least one class");
  await expect(readClassList(file("c.txt", "a,b,c\n"))).rejects.toThrow(
    'expected id or id,name in row 1, got "a,b,c"',
  );
});

test.each([
  [
    "negatives misspelt",
    "path,positives,negative\na,x,y\n",
    "expected the column negatives in line 1, got negative",
  ],
  ["a column twice", "path,positives,Positives\na,x,y\n", "expected the column positives once in line 1"],
  ["a whole data set in a line", `{"images":[${'{"id":1},'.repeat(2_000_000)}`, "Is it a COCO or LVIS file?"],
])("%s is refused: labels would be lost silently", async (_, content, message) => {
  await expect(readCustomLabels(file("refused", content), { blockSize: 1 << 20 })).rejects.toThrow(message);
});

test("empty ids, a * among positives and misspelt keys are problems of their row", async () => {
  const rows = [
    '{"path":"a","positives":["x",""," "]}',
    '{"path":"b","positives":"*"}',
    '{"path":"c","negative":["x"]}',
  ];
  const labels = await readCustomLabels(file("rows.jsonl", rows.join("\n")));
  expect(shown(labels)).toEqual(["a +"]);
  expect(labels.problems).toMatchObject([
    { line: 2, kind: "bad-row", message: expect.stringContaining('got "*", which negatives may have') },
    { line: 3, kind: "bad-row", message: expect.stringContaining('expected labels under "negatives"') },
  ]);
});

test.each([1, 3, 100])("the form is told from blocks of %d bytes as well", async (blockSize) => {
  const semicolons = file("tiny.csv", "\ufeffpath;positives\na;x\n");
  expect(shown(await readCustomLabels(semicolons, { blockSize }))).toEqual(["a +"]);
  const json = file("tiny.jsonl", '\ufeff{"path":"a","positives":["x"]}');
  expect(shown(await readCustomLabels(json, { blockSize }))).toEqual(["a +"]);
});

test.each([
  ["semicolons", "cat;Cat\ndog;Dog\n", 'separated by commas, got "cat;Cat"'],
  ["Latin-1", Buffer.from("caf\xe9\n", "latin1"), "expected UTF-8"],
])("a class list in %s is refused", async (_, content, message) => {
  await expect(readClassList(file("classes", content))).rejects.toThrow(message);
});

test("a class list whose header comes after a blank line", async () => {
  expect((await readClassList(file("blank", "\n\nid,name\na,b\n"))).toJSON()).toEqual([
    { id: "a", name: "b" },
  ]);
});

test("JSONL: NaN is none, and a number beyond 2^53 is no class id", async () => {
  const path = file(
    "python.jsonl",
    '{"path":"a","positives":["x"],"negatives":NaN}\n{"path":"b","positives":[9007199254740993]}\n',
  );
  const labels = await readCustomLabels(path);
  expect(shown(labels)).toEqual(["a +"]);
  expect(labels.problems).toMatchObject([
    { line: 2, kind: "bad-row", message: expect.stringContaining("numbers below 2^53") },
  ]);
});

test.each([
  [
    "CSV",
    'path,positives,negatives\n1.jpg,"[\'cat\', \'dog\']",nan\n2.jpg,"[""cow""]","cat,dog"\n3.jpg,cow,[]\n',
  ],
  [
    "JSONL",
    '{"path":"1.jpg","positives":"[\'cat\', \'dog\']","negatives":"nan"}\n' +
      '{"path":"2.jpg","positives":["cow"],"negatives":"cat,dog"}\n{"path":"3.jpg","positives":"cow","negatives":"[]"}\n',
  ],
])("%s: lists as programs write them; what is not clear is left out with its line", async (_, content) => {
  const path = file("notation", content);
  const open = await readCustomLabels(path);
  expect(open.table.classes.ids).toEqual(["cat", "dog", "cow"]);
  expect(shown(open)).toEqual(["1.jpg ++.", "3.jpg ..+"]);
  expect(open.problems.map(({ line, kind }) => line - (content[0] === "{" ? 0 : 1) + kind)).toEqual([
    "1no-value",
    "2unclear",
  ]);
  expect(open.problems[1]!.message).toMatch(
    /^cat,dog may be one class or 2\. Separate classes by ";", or list/,
  );
  const classes = ClassList.from(["cat", "dog", "cow"].map((id) => ({ id, name: id })));
  const known = await readCustomLabels(path, { classes });
  expect(shown(known)).toEqual(["1.jpg ++.", "2.jpg --+", "3.jpg ..+"]);
});

test("an image in several rows, however its path is written, is one sample with the labels of all", async () => {
  const rows = [
    "photos/1.jpg,cat,cow",
    "2.jpg,cat,*",
    ".\\photos\\1.jpg,dog,",
    "photos//caf\u00e9.jpg,cat,",
    "photos/cafe\u0301.jpg,,cat",
    "./2.jpg,dog,*",
    " photos/x/../1.jpg ,cow,",
  ];
  const labels = await readCustomLabels(file("rows.csv", `path,positives,negatives\n${rows.join("\n")}\n`));
  // The classes: cat cow dog. A row that says all others are absent does not overrule what another one lists.
  expect(shown(labels)).toEqual(["photos/1.jpg +.+", "2.jpg +-+", "photos/caf\u00e9.jpg ..."]);
  expect(labels.problems.map(({ line, kind }) => `${line} ${kind}`)).toEqual([
    "2 both-lists",
    "4 repeated-path",
    "5 both-lists",
    "6 repeated-path",
    "7 repeated-path",
    "8 repeated-path",
  ]);
  const splits = await readCustomLabels(
    file("splits.csv", "path,positives,split\n1.jpg,cat,train\n./1.jpg,dog,val\n1.jpg,cow,train\n"),
  );
  expect(shown(splits)).toEqual(["1.jpg +.+"].map((row) => row.replace("+.+", "++")));
  expect(splits.problems.map(({ line, kind }) => `${line} ${kind}`)).toEqual([
    "3 other-split",
    "4 repeated-path",
  ]);
});
