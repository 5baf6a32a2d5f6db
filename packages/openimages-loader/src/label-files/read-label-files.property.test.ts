import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { mulberry32, type Random } from "@csl/internal/random/mulberry32";
import { parseString } from "fast-csv";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cellsOf } from "../../test/cells-of.js";
import { parseImageId } from "../images/image-id.js";
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
// The oracle: fast-csv's rows, one Map entry a cell, sources compared as the documentation says.
const trust: Record<string, number> = { machine: 0, "crowdsource-verification": 1, verification: 2 };
async function oracle(
  text: string,
): Promise<{ cells: string[]; samples: string[]; rows: number; bad: number }> {
  const rows = await new Promise<string[][]>((resolve, reject) => {
    const all: string[][] = [];
    parseString(text, { headers: false, ignoreEmpty: true })
      .on("data", (row: string[]) => all.push(row))
      .on("error", reject)
      .on("end", () => resolve(all));
  });
  const cells = new Map<string, { rank: number; labels: Set<number> }>();
  const samples = new Set<string>();
  let bad = 0;
  for (const [written, source, mid, confidence] of rows.slice(1) as [string, string, string, string][]) {
    const id = parseImageId(written);
    const human = source !== "machine";
    const value = Number(confidence);
    if (!id || (human && value !== 0 && value !== 1)) {
      bad++;
      continue;
    }
    samples.add(id);
    if (!human && value < 0.5) continue;
    const rank = trust[source]!;
    const label = human ? value : 1;
    const cell = cells.get(`${id} ${mid}`);
    if (!cell || cell.rank < rank) cells.set(`${id} ${mid}`, { rank, labels: new Set([label]) });
    else if (cell.rank === rank) cell.labels.add(label);
  }
  const kept = [...cells].filter(([, { labels }]) => labels.size === 1);
  return {
    cells: kept.map(([key, { labels }]) => `${key} ${[...labels][0]}`).sort(),
    samples: [...samples].sort(),
    rows: rows.length - 1,
    bad,
  };
}

/** A file of every quirk that is known: see the table of rows below for what they are. */
function quirkyFile(random: Random): string {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const ids = Array.from({ length: 40 }, () =>
    random() < 0.2
      ? pick([
          "0000000000000001",
          "9007199254740993",
          "5e12000000000000",
          "1234567890123456",
          "ffffffffffffffff",
        ])
      : Array.from({ length: 16 }, () => Math.floor(random() * 16).toString(16)).join(""),
  ).sort();
  const mids = [
    "/m/04hgtk",
    "/m/07j7r",
    "/m/01bqvp",
    "/g/11b6c8yp_3",
    "/m/0",
    "/m/01_m7",
    "/m/012345678901",
    "/m/a-very-long-identifier-of-a-class",
  ];
  const newline = pick(["\n", "\r\n"]);
  const rows: string[] = [];
  for (const id of ids) {
    for (let i = Math.floor(random() * 9); i > 0; i--) {
      const source = pick(["verification", "crowdsource-verification", "machine"]);
      const confidence =
        source === "machine"
          ? pick(["0.5", "0.7", "1.0", "0.4", "0", "1e-1"])
          : pick(["0", "1", "1.0", "0.0", random() < 0.1 ? "0.7" : "1"]);
      const mid = pick(mids);
      const written = pick([
        id,
        id,
        id,
        id,
        id.toUpperCase(),
        `train/${id}`,
        `${id}.jpg`,
        `"${id}"`,
        random() < 0.1 ? "none" : id,
      ]);
      rows.push(`${written},${source},${random() < 0.1 ? `"${mid}"` : mid},${confidence}`);
      if (random() < 0.05) rows.push("");
    }
  }
  if (random() < 0.4) rows.sort(() => random() - 0.5);
  const text = HEADER.trim() + newline + rows.join(newline) + pick(["", newline]);
  return random() < 0.3 ? `\uFEFF${text}` : text;
}

test.each(Array.from({ length: 40 }, (_, seed) => [seed]))(
  "random file %d: row by row as fast-csv",
  async (seed) => {
    const text = quirkyFile(mulberry32(seed));
    const expected = await oracle(text);
    const path = await write("quirky.csv", seed % 3 === 0 ? gzipSync(text) : text);
    const { table, report } = await readLabelFiles(path, { index: false });
    expect(cellsOf(table)).toEqual(expected.cells);
    expect([...table.sampleIds]).toEqual(expected.samples);
    expect(report.rows).toBe(expected.rows);
    expect(report.badRows.count).toBe(expected.bad);
    expect(report.tornLines).toEqual([]);
  },
);
