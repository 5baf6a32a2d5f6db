import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ClassList, type LabelTable } from "@csl/labels";
import { drawScenes, exportOpenImages } from "@csl/scenes";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatOpenImagesReport } from "./format-open-images-report.js";
import { findOfficialFiles } from "./official-files.js";
import { readOpenImages } from "./read-open-images.js";

// The miniature: 40 + 8 + 6 drawn images in OpenImages' own files, and the labels as the generator's CSV has them.
let root = "";
let folder = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "csl-open-"));
  const set = await drawScenes({
    folder: join(root, "set"),
    train: 40,
    val: 8,
    ood: 6,
    classes: 8,
    size: 48,
  });
  folder = (await exportOpenImages(set, { trainableFrom: 5 })).folder;
}, 60_000);
afterAll(() => rm(root, { recursive: true, force: true }));

const linesOf = async (name: string): Promise<string[]> =>
  (await readFile(join(folder, name), "utf8")).trim().split("\n").slice(1);
const cellsOf = (table: LabelTable): string[] => {
  const cells: string[] = [];
  table.forEachEntry((sample, c, label) =>
    cells.push(`${table.sampleIds.at(sample)},${table.classes.ids[c]},${label}`),
  );
  return cells.sort();
};
const cellsIn = async (split: string): Promise<string[]> =>
  (await linesOf(`${split}-annotations-human-imagelabels.csv`))
    .map((row) => row.replace(/,[a-z-]+,/, ","))
    .sort();
/** A copy of the miniature to spoil. */
const copy = async (name: string): Promise<string> => {
  await cp(folder, join(root, name), { recursive: true });
  return join(root, name);
};

test.each(["train", "validation", "test"] as const)(
  "%s: every label of the miniature, and file names that lead to its images",
  async (split) => {
    const { table, fileNames, report } = await readOpenImages(folder, split, { trainable: false });
    expect(cellsOf(table)).toEqual(await cellsIn(split));
    const ids = (await readdir(join(folder, split))).map((name) => name.slice(0, 16)).sort();
    const labelled = [...table.sampleIds];
    expect(ids).toEqual(expect.arrayContaining(labelled));
    expect([...fileNames]).toEqual(labelled.map((id) => `${split}/${id}.jpg`));
    expect(report).toMatchObject({ form: "official", notes: [] });
    expect(table.classes.names[0]).toMatch(/^[A-Z]/);
  },
);

test("the trainable classes are the columns by default; val means validation", async () => {
  const trainable = (await readFile(join(folder, "classes-trainable.txt"), "utf8")).trim().split("\n");
  const { table, report } = await readOpenImages(folder, "val");
  expect(table.classes.ids).toEqual(trainable);
  const cells = (await cellsIn("validation")).filter((cell) => trainable.includes(cell.split(",")[1]!));
  expect(cellsOf(table)).toEqual(cells);
  expect(report.labels.unknownClasses.rows).toBe((await cellsIn("validation")).length - cells.length);
});

describe("choices", () => {
  test("a class list, a least support, samples without labels", async () => {
    const [first] = (await readOpenImages(folder, "train", { index: false })).table.classes.ids;
    const classes = ClassList.from([{ id: first!, name: "one" }]);
    const all = await readOpenImages(folder, "train", { classes, index: false });
    expect(all.table.classes.names).toEqual(["one"]);
    const some = await readOpenImages(folder, "train", { classes, dropUnannotated: true, index: false });
    expect(some.table.numSamples).toBeLessThan(all.table.numSamples);
    expect(some.fileNames.length).toBe(some.table.numSamples);
    expect(cellsOf(some.table)).toEqual(cellsOf(all.table));
    expect(some.report.notes.at(-1)).toMatch(/images without a label among the classes are left out/);
    const supported = await readOpenImages(folder, "train", {
      minimumSupport: { positives: 10 },
      index: false,
    });
    expect(supported.table.numClasses).toBeLessThan(8);
  });

  test("machine labels are added on demand, never over a person's", async () => {
    const own = await copy("machine");
    const [row] = await linesOf("validation-annotations-human-imagelabels.csv");
    const [id, , mid] = row!.split(",");
    const lines = `ImageID,Source,LabelName,Confidence\n${id},machine,${mid},1.0\nffffffffffffffff,machine,${mid},0.9\n`;
    await writeFile(join(own, "validation-annotations-machine-imagelabels.csv"), lines);
    const { table } = await readOpenImages(own, "val", { machine: true, trainable: false });
    expect(cellsOf(table)).toEqual([...(await cellsIn("validation")), `ffffffffffffffff,${mid},1`].sort());
    await rm(join(own, "validation-annotations-machine-imagelabels.csv"));
    await expect(readOpenImages(own, "val", { machine: true })).rejects.toThrow(
      "expected the machine label file of validation, got none",
    );
  });

  test("the hierarchy fills in, where it is there", async () => {
    const own = await copy("hierarchy");
    const { table } = await readOpenImages(own, "train", { trainable: false });
    const [parent, child] = table.classes.ids as [string, string];
    await expect(readOpenImages(own, "train", { hierarchy: true })).rejects.toThrow(
      "bbox_labels_600_hierarchy.json",
    );
    const json = {
      LabelName: "/m/0bl9f",
      Subcategory: [{ LabelName: parent, Subcategory: [{ LabelName: child }] }],
    };
    await writeFile(join(own, "bbox_labels_600_hierarchy.json"), JSON.stringify(json));
    const { report } = await readOpenImages(own, "train", { trainable: false, hierarchy: true });
    let expected = 0;
    for (let i = 0; i < table.numSamples; i++)
      if (table.label(i, 1) === 1 && table.label(i, 0) === -1) expected++;
    expect(report.hierarchy?.added.positives).toBe(expected);
    expect(expected).toBeGreaterThan(0);
  });
});

test("the reference's data.csv gives the same labels; its val is the test set", async () => {
  const own = join(root, "processed");
  await mkdir(own);
  await cp(join(folder, "data.csv"), join(own, "data.csv"));
  const train = await readOpenImages(own, "train");
  expect(cellsOf(train.table)).toEqual(await cellsIn("train"));
  expect(train.report.form).toBe("processed");
  expect(train.report.notes.join()).toContain("no mid_to_classes.pth");
  const test = await readOpenImages(own, "test");
  expect(cellsOf(test.table)).toEqual(await cellsIn("validation"));
  expect(test.report.notes.join()).toContain("test is what data.csv calls val");
  expect(test.fileNames.at(0)).toMatch(/^validation\/[0-9a-f]{16}\.jpg$/);
  expect(formatOpenImagesReport(test.report)).toMatch(/^The reference's data\.csv\n48 rows\n/);
  await writeFile(
    join(own, "data.csv"),
    (await readFile(join(own, "data.csv"), "utf8")).replaceAll(/,val$/gm, ",train"),
  );
  await expect(readOpenImages(own, "test")).rejects.toThrow("expected the split test in");
});

describe("official names", () => {
  test.each([
    [
      "V3",
      [
        "2017_11/train/annotations-human.csv",
        "2017_11/class-descriptions.csv",
        "2017_11/classes-trainable.txt",
      ],
    ],
    ["V4", ["2018_04/train/train-annotations-human-imagelabels.csv", "2018_04/class-descriptions.csv"]],
    ["V5", ["v5/train-annotations-human-imagelabels.csv.gz", "v5/class-descriptions.csv"]],
    [
      "V6",
      [
        "oidv6-train-annotations-human-imagelabels.csv",
        "oidv6-class-descriptions.csv",
        "oidv6-classes-trainable.txt",
      ],
    ],
    ["V7", ["labels/oidv7-train-annotations-human-imagelabels.csv", "labels/oidv7-class-descriptions.csv"]],
  ])("%s", async (version, names) => {
    const own = join(root, version);
    const [labels = ""] = names;
    const sources = [
      "train-annotations-human-imagelabels.csv",
      "class-descriptions.csv",
      "classes-trainable.txt",
    ];
    for (const [i, name] of names.entries()) {
      await mkdir(join(own, name, ".."), { recursive: true });
      const content = await readFile(join(folder, sources[i]!));
      await writeFile(join(own, name), name.endsWith(".gz") ? gzipSync(content) : content);
    }
    const { table, report } = await readOpenImages(own, "train", { trainable: false });
    expect(cellsOf(table)).toEqual(await cellsIn("train"));
    expect(report.files.human).toBe(join(own, labels));
  });

  test("the newest of several versions, or the one asked for; boxable labels where there are no others", async () => {
    const own = join(root, "versions");
    await mkdir(join(own, "v5"), { recursive: true });
    for (const name of ["oidv6-train", "oidv7-train", "v5/train", "v5/validation"]) {
      await writeFile(join(own, `${name}-annotations-human-imagelabels.csv`), "");
    }
    await writeFile(join(own, "v5/test-annotations-human-imagelabels-boxable.csv"), "");
    const named = (split: string) => `${split}-annotations-human-imagelabels.csv`;
    expect((await findOfficialFiles(own, "train")).human).toBe(join(own, `oidv7-${named("train")}`));
    expect((await findOfficialFiles(own, "train", { version: 6 })).human).toBe(
      join(own, `oidv6-${named("train")}`),
    );
    expect((await findOfficialFiles(own, "train", { version: 5 })).human).toBe(
      join(own, "v5", named("train")),
    );
    expect((await findOfficialFiles(own, "validation")).human).toBe(join(own, "v5", named("validation")));
    expect(await findOfficialFiles(own, "test")).toEqual({
      boxable: join(own, "v5/test-annotations-human-imagelabels-boxable.csv"),
    });
  });

  test("a folder without label files, no folder, no split", async () => {
    const empty = join(root, "empty");
    await mkdir(empty);
    await expect(readOpenImages(empty, "train")).rejects.toThrow(
      "expected train-annotations-human-imagelabels.csv (V3 to V7 names, also .gz) or data.csv below",
    );
    await expect(readOpenImages(join(root, "none"), "train")).rejects.toThrow("expected a folder at");
    await expect(readOpenImages(folder, "dev" as "val")).rejects.toThrow(
      "expected a split of train, validation, test, got dev",
    );
  });
});

test("a choice that there is not is refused before anything is read", async () => {
  const typo = { labels: "humn" } as unknown as { labels: "human" };
  await expect(readOpenImages(folder, "train", typo)).rejects.toThrow(
    'expected labels to be human or boxable, got "humn"',
  );
  const unknown = { images: false } as object;
  await expect(readOpenImages(folder, "train", unknown)).rejects.toMatchObject({ code: "unknown-option" });
});
