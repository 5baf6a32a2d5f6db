import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Label } from "@csl/internal/labels/label";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, test } from "vitest";
import { ClassList } from "../class-list.js";
import { labelTableFromDense } from "../label-table-from-dense.js";
import { parseLabelTable, stringifyLabelTable } from "./label-table-bytes.js";
import { readLabelTable, writeLabelTable } from "./label-table-file.js";

const { folder } = temporaryFolder();

function randomTable(samples: number, numClasses: number, defaultLabel: Label) {
  const random = mulberry32(samples + numClasses);
  const classes = ClassList.from(
    Array.from({ length: numClasses }, (_, i) => ({ id: `/m/${i}`, name: `Fiat "${i}", é` })),
  );
  const dense = Int8Array.from({ length: samples * numClasses }, () => Math.floor(random() * 3) - 1);
  const ids = Array.from({ length: samples }, (_, i) => `täg/${i}.jpg`);
  return labelTableFromDense(classes, ids, dense, { defaultLabel });
}

test.each([
  [5, 3, -1],
  [4, 3, 0],
  [1, 1, 1],
  [0, 2, -1],
  [2, 40_000, -1],
] as [number, number, Label][])("%d × %d, default %d: the file gives the same table", async (n, c, label) => {
  const table = randomTable(n, c, label);
  const path = join(folder, "new", "folder", "labels.csl");
  await writeLabelTable(path, table);
  const back = await readLabelTable(path);
  expect(back.hash()).toBe(table.hash());
  expect(back.classes.names).toEqual(table.classes.names);
  expect([...back.sampleIds]).toEqual([...table.sampleIds]);
  expect(await readdir(join(folder, "new", "folder"))).toEqual(["labels.csl"]);
});

test("no cut and no changed byte goes unnoticed", () => {
  const bytes = Uint8Array.from(Buffer.concat(stringifyLabelTable(randomTable(4, 3, -1))));
  for (let length = 0; length < bytes.length; length++) {
    expect(() => parseLabelTable(bytes.subarray(0, length))).toThrow(/^parseLabelTable: expected/);
  }
  for (let i = 0; i < bytes.length; i++) {
    for (const bit of [1, 8, 0x40, 0xff]) {
      const changed = bytes.slice();
      changed[i]! ^= bit;
      // No message of the engine's own, and no size that is none.
      expect(() => parseLabelTable(changed), `byte ${i}`).toThrow(
        /^parseLabelTable: expected (?!.*(NaN|undefined))/,
      );
    }
  }
});

test("the message says what is wrong and what to do", async () => {
  const bytes = Uint8Array.from(Buffer.concat(stringifyLabelTable(randomTable(4, 3, -1))));
  expect(() => parseLabelTable(new Uint8Array(0))).toThrow("got an empty file");
  expect(() => parseLabelTable(bytes.subarray(0, bytes.length - 9))).toThrow("the file is cut off");
  const newer = bytes.slice();
  newer[8] = 3;
  expect(() => parseLabelTable(newer)).toThrow("expected version 2, got 3. Update @csl/labels");
  const path = join(folder, "bad.csl");
  await writeFile(path, "ImageID,Source,LabelName,Confidence");
  await expect(readLabelTable(path)).rejects.toThrow(
    `readLabelTable: ${path}: parseLabelTable: expected a label table`,
  );
  await expect(readLabelTable(join(folder, "none.csl"))).rejects.toThrow("got ENOENT. Is the path right?");
});

test("an unwritable place is refused and nothing is left behind", async () => {
  const file = join(folder, "file");
  await writeFile(file, "x");
  await expect(writeLabelTable(join(file, "labels.csl"), randomTable(1, 1, -1))).rejects.toThrow(
    /^writeLabelTable: cannot write .*labels\.csl: a part of its path is a file/,
  );
  expect(await readFile(file, "utf8")).toBe("x");
});
