import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { type ByteRange, openShards } from "@csl/image-batches";
import { drawScenes, exportOpenImages, type SceneSet } from "@csl/scenes";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { onRanks } from "../../test/on-ranks.js";
import { runCommand } from "../run-command.js";
import { prepareCommand } from "./prepare-command.js";

const { at } = temporaryFolder();
let set: SceneSet;

async function csl(args: (string | number)[], signal?: AbortSignal): Promise<{ out: string; err: string }> {
  const printed = { out: "", err: "" };
  const into = (stream: "out" | "err") => ({ write: (text: string) => (printed[stream] += text) });
  await runCommand(args.map(String), { out: into("out"), err: into("err"), ...(signal && { signal }) });
  return printed;
}

beforeAll(async () => {
  set = await drawScenes({ folder: at("scenes"), train: 24, val: 12, ood: 4, classes: 5 });
});

describe("csl prepare", () => {
  const small = ["--short-edge", 32, "--workers", 0];

  it("makes a folder into shards, and says what could not be read", async () => {
    await writeFile(at("scenes", "train", "odd.jpg"), "no image");
    const { out } = await csl(["prepare", "--images", at("scenes", "train"), "--out", at("a"), ...small]);
    expect(out).toMatch(/^24 images, .* kB in 1 shard: .*images-000000\.tar\n1 unreadable: .*\.csv\n$/);
    await rm(at("scenes", "train", "odd.jpg"));
    const shards = await openShards(at("a"));
    expect(shards.length).toBe(24);
    const { file, offset, length } = shards.at(0) as ByteRange;
    const jpeg = (await readFile(file)).subarray(offset, offset + length);
    expect(await sharp(jpeg).metadata()).toMatchObject({ format: "jpeg", width: 32, height: 32 });
  });

  it("takes a data set's split with its labels, and the shards serve as its images", async () => {
    const data = ["--data", at("scenes"), "--split", "val"];
    await csl(["prepare", ...data, "--out", at("b"), "--with-labels", ...small]);
    expect((await readdir(at("b"))).filter((name) => name.endsWith(".tar"))).toEqual(["val-000000.tar"]);
    const instances = JSON.parse(await readFile(at("scenes/annotations/instances_val.json"), "utf8"));
    const first = instances.annotations[0].image_id;
    const { file_name: name } = instances.images.find(({ id }: { id: number }) => id === first);
    const shards = await openShards(at("b"));
    const label = shards.labelAt(shards.keys.indexOf(name.replace(".jpg", "")))!;
    const bytes = (await readFile(label.file)).subarray(label.offset, label.offset + label.length);
    const json = JSON.parse(bytes.toString());
    const classes = instances.annotations
      .filter((annotation: { image_id: number }) => annotation.image_id === first)
      .map((annotation: { category_id: number }) => String(annotation.category_id));
    expect(json.positives.sort()).toEqual([...new Set(classes)].sort());
  });

  it("makes shards from shards, and from a list of paths", async () => {
    await csl([
      "prepare",
      "--images",
      at("a", "images-{000000..000000}.tar"),
      "--out",
      at("c"),
      "--short-edge",
      16,
    ]);
    expect([...(await openShards(at("c"))).keys]).toEqual([...(await openShards(at("a"))).keys]);
    const names = (await readdir(at("scenes", "val"))).slice(0, 3);
    // A byte-order mark, CRLF, blanks, an empty line, another notation of paths, one that is not there, one twice.
    const lines = [
      `val/${names[0]} `,
      "",
      `.\\val\\${names[1]}\t`,
      at("scenes", "val", names[2]!),
      "val/no.jpg",
    ];
    await writeFile(at("scenes", "list.txt"), `\ufeff${[...lines, ` val/${names[0]}`].join("\r\n")}\r\n`);
    await csl([
      "prepare",
      "--images",
      at("scenes", "list.txt"),
      "--out",
      at("d"),
      "--keys",
      "name",
      ...small,
    ]);
    expect([...(await openShards(at("d"))).keys]).toEqual(names.map((name) => name.replace(".jpg", "")));
  });

  it("on two ranks it leaves the files of one process, and says the same", async () => {
    const given = (out: string): Record<string, unknown> => ({
      ...{ data: at("scenes"), split: "train", out, workers: "0" },
      ...{ "with-labels": true, "short-edge": "32", "shard-samples": "10" },
    });
    const alone = await onRanks(1, prepareCommand, () => given(at("alone")));
    const { out, ends } = await onRanks(2, prepareCommand, () => given(at("ranks")));
    expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    expect(out.replaceAll(at("ranks"), at("alone"))).toBe(alone.out);
    const names = await readdir(at("alone"));
    expect(names.filter((name) => name.endsWith(".tar"))).toHaveLength(3);
    expect(await readdir(at("ranks"))).toEqual(names);
    for (const name of names)
      expect((await readFile(at("ranks", name))).equals(await readFile(at("alone", name)))).toBe(true);
  });

  it("turns OpenImages images as their list says", async () => {
    const files = await exportOpenImages(set, { folder: at("oi"), trainableFrom: 1 });
    const args = ["prepare", "--data", at("oi"), "--split", "validation", ...small];
    await csl([...args, "--out", at("plain")]);
    const keys = [...(await openShards(at("plain"))).keys];
    const id = keys[1]!.slice(-16);
    const list = files.splits.validation.imageList;
    const rows = (await readFile(list, "utf8")).split("\n");
    const turned = rows.map((row) => (row.startsWith(id) ? row.replace(/0\.0$/, "90.0") : row));
    await writeFile(list, turned.join("\n"));
    await csl([...args, "--out", at("turned"), "--apply-rotation"]);
    const pixels = async (folder: string, key: string): Promise<Buffer> => {
      const shards = await openShards(at(folder));
      const { file, offset, length } = shards.at(shards.keys.indexOf(key)) as ByteRange;
      return sharp((await readFile(file)).subarray(offset, offset + length))
        .raw()
        .toBuffer();
    };
    for (const key of keys) {
      const same = (await pixels("plain", key)).equals(await pixels("turned", key));
      expect(same).toBe(key !== keys[1]);
    }
  });

  it("stops at Ctrl-C in words, and continues", async () => {
    const controller = new AbortController();
    controller.abort();
    const args = ["prepare", "--images", at("scenes", "train"), "--out", at("e"), ...small];
    await expect(csl(args, controller.signal)).rejects.toThrow(/stopped .* The same command continues/);
    expect((await csl(args)).out).toMatch(/^24 images/);
  });

  it("asks for images", async () => {
    await expect(csl(["prepare", "--out", at("f")])).rejects.toThrow(/expected --images .* or --data/);
    await expect(csl(["prepare", "--images", at("nothing"), "--out", at("f")])).rejects.toThrow(
      /expected a folder/,
    );
  });
});
