import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { parseString } from "fast-csv";
import { expect, test } from "vitest";
import { mulberry32 } from "../random/mulberry32.js";
import { scanCsv } from "./scan-csv.js";

const { file, folder } = temporaryFolder();

async function scanned(path: string, blockSize = 1 << 20): Promise<{ rows: string[]; bad: string[] }> {
  const rows: string[] = [];
  const bad: string[] = [];
  for await (const row of scanCsv(path, { blockSize }))
    if (row.bad) bad.push(`${row.line} ${row.bad.text}`);
    else rows.push(`${row.line} ${row.fields.join("|")}`);
  return { rows, bad };
}

test.each([7, 1 << 20])(
  "rows, quotes over lines, blank lines and bad lines, in blocks of %d",
  async (blockSize) => {
    const path = file("quotes.csv", 'a,"b, c"\n\n"two\nlines",d\nx,y"z\n"open,e\nf,"g"\n');
    const { rows, bad } = await scanned(path, blockSize);
    expect(rows).toEqual(["1 a|b, c", "3 two\nlines|d", '5 x|y"z', "7 f|g"]);
    expect(bad).toEqual(['6 "open,e']);
  },
);

test("random rows in blocks of any size are what fast-csv reads from the whole text", async () => {
  const random = mulberry32(5);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const fields = ["a", "", '"b, c"', '"two\nlines"', '"say ""no"""', "5' x", "gr\u00fcn", '""'];
  for (let round = 0; round < 30; round++) {
    const rows = Array.from({ length: 40 }, () => [pick(fields), pick(fields), pick(fields)].join(","));
    const text = rows.join(pick(["\n", "\r\n"]));
    const whole: string[] = [];
    await new Promise((resolve) =>
      parseString(text)
        .on("data", (row: string[]) => row.some((field) => field.trim()) && whole.push(row.join("|")))
        .on("end", resolve),
    );
    const { rows: read, bad } = await scanned(file("random.csv", text), pick([1, 13, 200, 1 << 20]));
    expect(read.map((row) => row.slice(row.indexOf(" ") + 1))).toEqual(whole);
    expect(bad).toEqual([]);
  }
});

test("lines that end with a carriage return alone", async () => {
  const { rows } = await scanned(file("old.csv", "some text,of a row\r".repeat(30_000)), 1 << 17);
  expect([rows.length, rows.at(-1)]).toEqual([30_000, "30000 some text|of a row"]);
});

// Once, a stray quote ended the reading: all rows behind it, and those of its 64 kB, were gone and counted as one.
test("a stray quote costs its own line only, wherever it stands", async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) =>
    i === 9_999 ? "p,\"['a'\"],[],train" : `${i},"x, y",1`,
  );
  const { rows, bad } = await scanned(file("stray.csv", `${lines.join("\n")}\n`));
  expect(rows).toHaveLength(19_999);
  expect(rows.at(-1)).toBe("20000 19999|x, y|1");
  expect(bad).toEqual(["10000 p,\"['a'\"],[],train"]);
});

test("what is no CSV at all, and what is no file, is an error", async () => {
  await expect(scanned(file("bad.csv", '"a"b\n'.repeat(200)))).rejects.toThrow(
    /^expected CSV, got more than 100 lines with misplaced quotes/,
  );
  await expect(scanned(folder)).rejects.toThrow("expected a file, got a folder");
  await expect(scanned(`${folder}/none.csv`)).rejects.toThrow("expected a file, got ENOENT");
});
