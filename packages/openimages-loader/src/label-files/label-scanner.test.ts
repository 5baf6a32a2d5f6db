import { mulberry32 } from "@csl/internal/random/mulberry32";
import { expect, test } from "vitest";
import { CellStore } from "./cell-store.js";
import { LabelNames } from "./label-names.js";
import { LabelScanner } from "./label-scanner.js";

function scan(blocks: readonly Buffer[]): unknown {
  const store = new CellStore("trust");
  const names = new LabelNames();
  const scanner = new LabelScanner({ store, names, wanted: Number.POSITIVE_INFINITY, machineThreshold: 0.5 });
  scanner.beginFile("file");
  for (const block of blocks) scanner.push(block, 0);
  scanner.endFile();
  return {
    names: names.names,
    words: store.words.slice(0, store.groups * 2),
    offsets: store.offsets.slice(0, store.groups + 1),
    classes: store.classes.slice(0, store.cells),
    marks: store.marks.slice(0, store.cells),
    runs: store.runs,
    rows: scanner.rows,
    bySource: [...scanner.bySource].sort(),
    bad: scanner.badRows,
  };
}

test("blocks may be cut anywhere", () => {
  const random = mulberry32(7);
  const rows = Array.from({ length: 120 }, (_, i) => {
    const id = Math.floor(i / 5)
      .toString(16)
      .padStart(16, "0");
    const source = ["verification", "crowdsource-verification", "machine", "machine"][i % 4];
    const mid = `/m/0${Math.floor(random() * 36 ** 4).toString(36)}`;
    return i === 60 ? "a row of another kind" : `${id},${source},${mid},${i % 4 > 1 ? "0.8" : i % 2}`;
  });
  const file = Buffer.from(`ImageID,Source,LabelName,Confidence\n${rows.join("\n")}\n`);
  const whole = scan([file]);
  for (const size of [1, 2, 7, 44, 100, 1000, 5000]) {
    const blocks = Array.from({ length: Math.ceil(file.length / size) }, (_, i) =>
      file.subarray(i * size, (i + 1) * size),
    );
    expect(scan(blocks)).toEqual(whole);
  }
});

test("a line without end is not waited for", () => {
  const blocks = [
    Buffer.from("ImageID,Source,LabelName,Confidence\n"),
    ...Array(3).fill(Buffer.alloc(1 << 19, 97)),
  ];
  expect(() => scan(blocks)).toThrow("expected rows of text, got a line beyond 1048576 bytes");
});
