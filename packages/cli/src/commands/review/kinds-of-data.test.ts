import { copyFile, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { openDataset, type Split } from "@csl/datasets";
import { createShardWriter } from "@csl/image-batches";
import { drawScenes, exportLvis, exportOpenImages, type SceneSet } from "@csl/scenes";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, expect, it } from "vitest";
import { runCommand } from "../../run-command.js";
import { csvParts, reviewHeading } from "./review-csv.js";

const { at, file } = temporaryFolder();
let set: SceneSet;
let told = "";

async function csl(...words: string[]): Promise<string> {
  told = "";
  const write = (text: string): unknown => (told += text);
  await runCommand(words, { out: { write }, err: { write } });
  return told;
}

beforeAll(async () => {
  set = await drawScenes({ folder: at("coco"), size: 32, train: 16, val: 6, ood: 1, classes: 6 });
  await exportLvis(set, { folder: at("lvis"), images: true });
  await exportOpenImages(set, { folder: at("openimages"), trainableFrom: 2, annotatedShare: 0.6 });
  const rows = [];
  const shards = await createShardWriter(at("shards"), { prefix: "train" });
  for (const [i, name] of (await readdir(set.splits.train.images)).sort().entries()) {
    const jpg = await readFile(join(set.splits.train.images, name));
    await shards.add(`train/${name.slice(0, -4)}`, { jpg });
    rows.push(`train/${name},${i % 2 ? "cat" : '"a, ""b"""'},${i % 3 ? "" : "dog"}`);
  }
  await shards.close();
  await mkdir(at("own"));
  file("own/train.csv", `path,positives,negatives\n${rows.join("\n")}\n`);
  await mkdir(at("packed"));
  await copyFile(at("own/train.csv"), at("packed/train.csv"));
}, 60_000);

/** Labels of every image, by the last part of its path. */
async function cellsOf(split: Split): Promise<Map<string, number[]>> {
  const { list, selectRows } = await split.images();
  const table = selectRows(split.truth);
  const cells = Array.from({ length: list.length }, (_, i): [string, number[]] => [
    list.nameAt(i).split("/").at(-1)!,
    [...table.dense([i])],
  ]);
  return new Map(cells.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Answers to the first two classes of the first six images: the opposite of what is annotated, yes where nothing is. */
async function answersTo(split: Split): Promise<{ text: string; changed: number }> {
  const { list, selectRows } = await split.images();
  const table = selectRows(split.truth);
  const review = { labels: split.truth.hash(), split: split.name };
  const rows: string[] = [];
  for (let i = 0; i < Math.min(6, list.length); i++)
    for (const c of [0, 1]) {
      const label = table.dense([i])[c] as -1 | 0 | 1;
      const entry = { image: table.sampleIds.at(i), classId: table.classes.ids[c]!, className: "", label };
      const [before, after] = csvParts({ ...entry, kind: "known", probability: 0.5 }, review);
      rows.push(`${before},${label === 1 ? "no" : "yes"},1,${after}\n`);
    }
  return { text: reviewHeading + rows.join(""), changed: rows.length };
}

const kinds: [string, { data?: string; images?: string; says: RegExp }][] = [
  ["coco", { says: /boxes and masks are left out/ }],
  ["lvis", { says: /no groups of classes/ }],
  ["openimages", { says: /no sources and confidences/ }],
  ["own", { images: "coco", says: /12 labels changed/ }],
  ["packed", { images: "shards", says: /images are in shards: give --images/ }],
];

it.each(kinds)(
  "answers about %s are applied, taken back, and applied again to the same bytes",
  async (kind, { images, says }) => {
    const places = images === undefined ? {} : { images: at(images) };
    const source = await (await openDataset(at(kind), places)).split("train");
    const { text, changed } = await answersTo(source);
    const answers = file(`${kind}-answers.csv`, text);
    const flags = ["--data", at(kind), ...(images === undefined ? [] : ["--images", at(images)])];
    const apply = (): Promise<string> =>
      csl("review", ...flags, "--out", at(`new-${kind}`), "--apply", answers);
    const reopened = async (name = "train"): Promise<Split> =>
      (await openDataset(at(`new-${kind}`), places)).split(name);
    const bytes = (): Promise<string> => readFile(at(`new-${kind}`, "train.jsonl"), "utf8");

    const said = await apply();
    expect(said).toMatch(says);
    expect(said).toContain(`${changed} labels changed`);
    const before = await cellsOf(source);
    const after = await cellsOf(await reopened());
    expect([...after.keys()]).toEqual([...before.keys()]);
    const differing = [...after].map(([name, cells]) => cells.filter((v, c) => v !== before.get(name)![c]));
    expect(differing.flat()).toHaveLength(changed);
    expect((await reopened()).truth.classes.toJSON()).toEqual(source.truth.classes.toJSON());
    const first = await bytes();
    await csl("review", "--undo", "--out", at(`new-${kind}`));
    expect(await cellsOf(await reopened())).toEqual(before);
    await apply();
    expect(await bytes()).toBe(first);
    // The validation split comes along, with the same classes.
    if (kind !== "own" && kind !== "packed") {
      const given = await (await openDataset(at(kind))).split("val", { classes: source.truth.classes });
      expect(await cellsOf(await reopened("val"))).toEqual(await cellsOf(given));
    }
  },
);
