import { readdirSync } from "node:fs";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ClassList } from "@csl/labels";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cellsOf } from "../../test/cells-of.js";
import type { ConflictPolicy } from "./label-mark.js";
import { formatLabelReport } from "./label-report.js";
import { readLabelFiles } from "./read-label-files.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "csl-openimages-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const HEADER = "ImageID,Source,LabelName,Confidence\n";
const write = async (name: string, content: string | Uint8Array): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};
const read = (text: string, options = {}) =>
  write("labels.csv", text).then((path) => readLabelFiles(path, { index: false, ...options }));

describe("ids", () => {
  test("are 64 bits: those beyond 2^53 and those that look like numbers stay apart", async () => {
    const ids = [
      "0000000000000001",
      "0020000000000000",
      "0020000000000001",
      "5e12000000000000",
      "9007199254740993",
    ];
    const { table } = await read(HEADER + ids.map((id) => `${id},verification,/m/0a,1\n`).join(""));
    expect([...table.sampleIds]).toEqual(ids);
  });
  test("in upper case, as paths and as file names are the same image", async () => {
    const forms = [
      "000026E7EE790996",
      "train/000026e7ee790996",
      "000026e7ee790996.jpg",
      "train\\000026e7ee790996.JPG",
    ];
    const { table } = await read(HEADER + forms.map((id, i) => `${id},verification,/m/0${i},1\n`).join(""));
    expect([...table.sampleIds]).toEqual(["000026e7ee790996"]);
    expect(table.numClasses).toBe(4);
  });
});

const A = "00000000000000aa";
const B = "00000000000000bb";
describe("several labels of one cell", () => {
  // Rows of one cell in this order → the label under each policy (undefined: un-annotated).
  const cases: [rows: string[], Partial<Record<ConflictPolicy, number>>][] = [
    [["verification,0", "machine,0.9"], { trust: 0, "positive-wins": 1, "negative-wins": 0, last: 1 }],
    [["machine,0.9", "verification,0"], { trust: 0, "positive-wins": 1, "negative-wins": 0, last: 0 }],
    [
      ["crowdsource-verification,1", "verification,0"],
      { trust: 0, "positive-wins": 1, "negative-wins": 0, last: 0 },
    ],
    [["verification,1", "verification,0"], { "positive-wins": 1, "negative-wins": 0, last: 0 }],
    [
      ["verification,1", "verification,1"],
      { trust: 1, drop: 1, "positive-wins": 1, "negative-wins": 1, last: 1 },
    ],
    // A contradiction of people is not settled by a machine, but by those who are trusted more.
    [
      ["crowdsource-verification,1", "crowdsource-verification,0", "machine,1.0"],
      { "positive-wins": 1, "negative-wins": 0, last: 1 },
    ],
    [
      ["crowdsource-verification,1", "crowdsource-verification,0", "verification,1"],
      { trust: 1, "positive-wins": 1, "negative-wins": 0, last: 1 },
    ],
  ];
  for (const [rows, expected] of cases) {
    for (const policy of ["trust", "drop", "positive-wins", "negative-wins", "last"] as const) {
      test.each(["together", "apart"])(`${rows.join(" then ")} under ${policy}, %s`, async (how) => {
        const lines = rows.map((row) => `${A},${row.replace(",", ",/m/0a,")}\n`);
        const apart = `${B},verification,/m/0a,1\n`;
        const { table, report } = await read(HEADER + lines.join(how === "apart" ? apart : ""), {
          conflicts: policy,
        });
        const label = expected[policy];
        expect(cellsOf(table).filter((cell) => cell.startsWith(A))).toEqual(
          label === undefined ? [] : [`${A} /m/0a ${label}`],
        );
        expect(report.contradictions).toBe(label === undefined ? 1 : 0);
        // "apart" repeats the other image's label as well.
        expect(report.duplicates).toBe(
          (rows.length - 1) * (how === "apart" ? 2 : 1) - (how === "apart" ? 1 : 0),
        );
      });
    }
  }
});

test("a machine is never negative; below the threshold it says nothing", async () => {
  const rows = ["0", "0.4", "0.5", "0.6", "1"].map((c, i) => `${A},machine,/m/0${i},${c}\n`).join("");
  const half = await read(HEADER + rows);
  expect(cellsOf(half.table)).toEqual([2, 3, 4].map((i) => `${A} /m/0${i} 1`));
  expect(half.report.belowThreshold).toBe(2);
  expect(cellsOf((await read(HEADER + rows, { machineThreshold: 0.6 })).table)).toHaveLength(2);
  expect(cellsOf((await read(HEADER + rows, { machineThreshold: 0 })).table)).toHaveLength(5);
  await expect(read(HEADER, { machineThreshold: 2 })).rejects.toThrow(
    "expected machineThreshold in 0…1, got 2",
  );
});

test("many labels of one image, in falling order and repeated", async () => {
  const mids = Array.from({ length: 900 }, (_, i) => `/m/0${(899 - i).toString(36).padStart(3, "0")}`);
  const rows = [...mids, ...mids.slice(400)].map(
    (mid, i) => `${A},verification,${mid},${i % 2 === 0 || i >= 900 ? 1 : 0}\n`,
  );
  const classes = ClassList.from([...mids].reverse().map((id) => ({ id, name: id })));
  const { table, report } = await read(HEADER + rows.join(""), { classes });
  expect(report.duplicates).toBe(500);
  expect(report.contradictions).toBe(250);
  expect(table.entries.length).toBe(650);
  expect(cellsOf((await read(HEADER + rows.join(""))).table)).toEqual(cellsOf(table));
});

test("classes of the list only; the others are counted, the most frequent first", async () => {
  const classes = ClassList.from([{ id: "/m/0b", name: "B" }]);
  const { table, report } = await read(
    `${HEADER}${A},verification,/m/0c,1\n${A},verification,/m/0b,0\n${B},verification,/m/0d,1\n${B},machine,/m/0d,0.9\n`,
    { classes },
  );
  expect(cellsOf(table)).toEqual([`${A} /m/0b 0`]);
  expect([...table.sampleIds]).toEqual([A, B]);
  expect(report.unknownClasses).toEqual({
    rows: 3,
    classes: 2,
    examples: [
      { id: "/m/0d", rows: 2 },
      { id: "/m/0c", rows: 1 },
    ],
  });
});

describe("what is wrong with a file", () => {
  test("rows that are no label rows are left out, with their lines", async () => {
    const { table, report } = await read(
      `${HEADER}${A},verification,/m/0a,1\n${A},verification,/m/0b\n${A},verification,/m/0c,1,0.5\nzz,verification,/m/0a,1\n` +
        `${A},verification,/m/0a,0.5\n${A},verification,"/m/0a,1\n${A},machine,/m/0a,\n${A},verification,,1\n${A},machine,/m/0a,1.5\n${B},verification,/m/0a,1\n`,
    );
    expect(cellsOf(table)).toEqual([`${A} /m/0a 1`, `${B} /m/0a 1`]);
    expect(report.rows).toBe(10);
    expect(report.badRows.examples.map(({ line, reason }) => `${line} ${reason}`)).toEqual([
      "3 3 columns instead of 4",
      "4 5 columns instead of 4",
      "5 an id that is not 16 hexadecimal digits",
      "6 a person's confidence that is neither 0 nor 1",
      "7 a quote without its end",
      "8 a confidence outside 0…1",
      "9 an empty class id",
      "10 a confidence outside 0…1",
    ]);
    expect(formatLabelReport(report)).toContain(
      "labels.csv:3: 3 columns instead of 4: 00000000000000aa,verification,/m/0b",
    );
  });

  test.each([
    [`${B},verific`, true],
    [`${B.slice(0, 9)}`, true],
    [`${B},verification,/m/0`, true],
    [`${B},verification,/m/0a,0`, false],
  ])("a last line %j without its newline (torn: %s)", async (last, torn) => {
    const { table, report } = await read(`${HEADER}${A},verification,/m/0a,1\n${last}`);
    expect(report.tornLines.map(({ line, text }) => [line, text])).toEqual(torn ? [[3, last]] : []);
    expect(table.numSamples).toBe(torn ? 1 : 2);
    expect(report.badRows.count).toBe(0);
  });

  test("another kind of file, no file, an empty one, half a gzip file", async () => {
    await expect(read("ImageID,Source,LabelName,XMin\n1,2,3,4\n")).rejects.toThrow(
      /^readLabelFiles: .*labels\.csv: expected the columns ImageID,Source,LabelName,Confidence, got "ImageID,Source,LabelName,XMin"/,
    );
    await expect(read("")).rejects.toThrow("got an empty file");
    await expect(read(`${HEADER}nothing,of,the,kind\n`)).rejects.toThrow(
      "expected label rows, got none among 1",
    );
    await expect(readLabelFiles(join(folder, "none.csv"))).rejects.toThrow("got ENOENT. Is the path right?");
    const zipped = gzipSync(HEADER + `${A},verification,/m/0a,1\n`.repeat(5000));
    await expect(
      readLabelFiles(await write("half.gz", zipped.subarray(0, 80)), { index: false }),
    ).rejects.toThrow("expected a whole gzip file");
  });

  test("columns in another order, without a source, or with more", async () => {
    const { table } = await read(`Confidence,LabelName,ImageID\n1,/m/0a,${A}\n0,/m/0b,${A}\n`);
    expect(cellsOf(table)).toEqual([`${A} /m/0a 1`, `${A} /m/0b 0`]);
    const wide = await read(`ImageID,Source,LabelName,Confidence,Note\n${A},machine,/m/0a,0.9,"a, b"\n`);
    expect(cellsOf(wide.table)).toEqual([`${A} /m/0a 1`]);
    const bare = await read(`${A},verification,/m/0a,1\n${B},verification,/m/0a,0\n`);
    expect(cellsOf(bare.table)).toEqual([`${A} /m/0a 1`, `${B} /m/0a 0`]);
  });
});

describe("several files and the index", () => {
  test("human and machine files merge whatever their order; the table is the same", async () => {
    const human = await write("h.csv", `${HEADER}${A},verification,/m/0a,0\n${B},verification,/m/0b,1\n`);
    const machine = await write("m.csv", `${HEADER}${A},machine,/m/0a,0.9\n${A},machine,/m/0b,0.8\n`);
    const [first, second] = await Promise.all(
      [
        [human, machine],
        [machine, human],
      ].map((paths) => readLabelFiles(paths, { index: false })),
    );
    expect(cellsOf(first!.table)).toEqual([`${A} /m/0a 0`, `${A} /m/0b 1`, `${B} /m/0b 1`]);
    expect(second!.table.hash()).toBe(first!.table.hash());
    expect(first!.report.byFile).toEqual([
      { path: human, rows: 2 },
      { path: machine, rows: 2 },
    ]);
    expect(first!.report.bySource).toEqual({ verification: 2, machine: 2 });
    expect(first!.report.overruled).toBe(1);
  });

  test("the second time the table comes out of the index, until content or options change", async () => {
    const path = await write("indexed.csv", `${HEADER}${A},verification,/m/0a,1\n`);
    const first = await readLabelFiles(path);
    expect(first.report.index?.hit).toBe(false);
    expect(readdirSync(folder)).toContain("indexed.csv.labels.idx");
    const second = await readLabelFiles(path);
    expect(second.report).toEqual({ ...first.report, index: { ...first.report.index, hit: true } });
    expect(second.table.hash()).toBe(first.table.hash());
    await utimes(path, 1, 1);
    expect((await readLabelFiles(path)).report.index?.hit).toBe(true);
    expect((await readLabelFiles(path, { conflicts: "drop" })).report.index?.hit).toBe(false);
    await writeFile(path, `${HEADER}${A},verification,/m/0a,0\n`);
    const changed = await readLabelFiles(path, { conflicts: "drop" });
    expect(changed.report.index?.hit).toBe(false);
    expect(cellsOf(changed.table)).toEqual([`${A} /m/0a 0`]);
  });

  test("progress ends with the whole size; an abort ends the reading", async () => {
    const path = await write("long.csv", HEADER + `${A},verification,/m/0a,1\n`.repeat(300_000));
    const seen: [number, number][] = [];
    await readLabelFiles(path, { index: false, onProgress: (n, total) => seen.push([n, total]) });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)![0]).toBe(seen.at(-1)![1]);
    const stop = new AbortController();
    const reading = readLabelFiles(path, {
      index: false,
      signal: stop.signal,
      onProgress: () => stop.abort(new Error("enough")),
    });
    await expect(reading).rejects.toThrow("enough");
  });
});

test("samples are found in whatever form their ids are asked for; what is no id is refused", async () => {
  const text = `${HEADER}000026e7ee790996,verification,/m/01,1\n`;
  const { table } = await read(text, { samples: ["train/000026E7EE790996.jpg"] });
  expect(cellsOf(table)).toEqual(["000026e7ee790996 /m/01 1"]);
  await expect(read(text, { samples: ["391895"] })).rejects.toThrow('16 hexadecimal digits, got "391895"');
});

test("no row, a folder, and a damaged gzip file are errors that name the file", async () => {
  await expect(read(HEADER)).rejects.toThrow(
    /^readLabelFiles: expected label rows in .*labels\.csv, got none/,
  );
  await expect(readLabelFiles(folder)).rejects.toThrow(
    /^readLabelFiles: expected a label file at .*, got a folder/,
  );
  const cut = await write("cut.csv.gz", gzipSync(HEADER.repeat(100)).subarray(0, 40));
  await expect(readLabelFiles(cut)).rejects.toThrow(
    /^readLabelFiles: .*cut\.csv\.gz: expected a whole gzip file/,
  );
});

test("a last line cut within its number is torn; a column named twice is refused", async () => {
  const { table, report } = await read(
    `${HEADER}000026e7ee790996,machine,/m/01,0.9\n000026e7ee790997,machine,/m/01,0.`,
  );
  expect(table.numSamples).toBe(1);
  expect(report).toMatchObject({ rows: 1, belowThreshold: 0, tornLines: [{ line: 3, reason: "cut off" }] });
  const twice = `ImageID,ImageID,LabelName,Confidence\n000026e7ee790996,000026e7ee790997,/m/01,1\n`;
  await expect(read(twice)).rejects.toThrow("expected the columns ImageID,Source,LabelName,Confidence, got");
});
