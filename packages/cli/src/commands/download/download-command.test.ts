import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drawScenes, exportLvis, exportOpenImages, type OpenImagesExport } from "@csl/scenes";
import { zipOf } from "@csl/test-support";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { onRanks } from "../../../test/on-ranks.js";
import { runCommand } from "../../run-command.js";
import { downloadCommand } from "./download-command.js";

let root: string;
let server: Server;
let base: string;
let openImages: OpenImagesExport;
const requests: string[] = [];
const at = (...parts: string[]): string => join(root, ...parts);

async function csl(...args: (string | number)[]): Promise<string> {
  let printed = "";
  const out = { write: (text: string) => (printed += text) };
  await runCommand(["download", ...args].map(String), { out, err: { write: () => {} } });
  return printed;
}

/** A new data folder with these files of `from`. */
async function dataFolder(name: string, from: string, files: readonly string[]): Promise<string> {
  for (const file of files) {
    await mkdir(join(at(name), file, ".."), { recursive: true });
    await copyFile(join(from, file), join(at(name), file));
  }
  return at(name);
}

const openImagesData = (name: string): Promise<string> =>
  dataFolder(name, openImages.folder, [
    "train-annotations-human-imagelabels.csv",
    "class-descriptions.csv",
    "train-images-with-labels-with-rotation.csv",
  ]);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "csl-download-"));
  const set = await drawScenes({ folder: at("remote"), train: 20, val: 6, ood: 2, classes: 5 });
  openImages = await exportOpenImages(set);
  await exportLvis(set);
  // Serves the files of the drawn set; what is not there is a 404.
  server = createServer(async (request, response) => {
    requests.push(request.url!);
    const path = [at("remote"), openImages.folder].map((folder) => join(folder, decodeURI(request.url!)));
    const body = await readFile(path[0]!).catch(() => readFile(path[1]!).catch(() => undefined));
    if (body) response.writeHead(200, { "content-length": body.length }).end(body);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(root, { recursive: true, force: true });
});

describe("csl download", () => {
  it("fetches OpenImages images of a class, leaves out those that are missing, and continues", async () => {
    const data = await openImagesData("by-class");
    const labels = await readFile(openImages.splits.train.labels, "utf8");
    const ids = [...new Set(labels.split("\n").filter((row) => row.endsWith(",1")))]
      .map((row) => row.split(","))
      .filter(([, , mid]) => mid === "/m/01g317") // Person
      .map(([id]) => `${id}.jpg`);
    await rm(join(openImages.splits.train.images, ids[0]!));
    const args = ["--data", data, "--classes", "person", "--base-url", base];
    expect(await csl(...args)).toMatch(
      new RegExp(
        `^${ids.length - 1} images fetched .*, 0 were there, 1 missing: .*\n1 × 404 Not Found: .*missing.csv`,
      ),
    );
    expect((await readdir(join(data, "train"))).sort()).toEqual(ids.slice(1).sort());
    expect(await readFile(join(data, "missing.csv"), "utf8")).toContain(ids[0]!.slice(0, 16));
    requests.length = 0;
    expect(await csl(...args)).toMatch(
      new RegExp(`^0 images fetched .*, ${ids.length - 1} were there, 1 missing`),
    );
    expect(requests).toEqual([]);
  });

  it("leaves out images of train that the bucket's list does not have, and draws the same ones again", async () => {
    const data = await openImagesData("by-count");
    const images = await readdir(openImages.splits.train.images);
    const listed = images.slice(0, 8).map((name) => name.slice(0, 16));
    const rows = listed.map((id) => `${id},train,,,,,,"A, b",,,,0.0\n`).join("");
    const header = (await readFile(openImages.splits.train.imageList, "utf8")).split("\n")[0];
    await writeFile(join(data, "train-images-boxable-with-rotation.csv"), `${header}\n${rows}`);
    const draw = async (out: string): Promise<string[]> => {
      await csl("--data", data, "--count", 3, "--seed", 7, "--base-url", base, "--out", at(out));
      return (await readdir(at(out, "train"))).sort();
    };
    const first = await draw("draw-1");
    expect(first).toHaveLength(3);
    expect(first.every((name) => listed.includes(name.slice(0, 16)))).toBe(true);
    expect(await draw("draw-2")).toEqual(first);
  });

  it("fetches listed ids without any label file", async () => {
    const [validation] = await readdir(openImages.splits.validation.images);
    const train = (await readdir(openImages.splits.train.images))[1]!;
    await writeFile(
      at("ids.txt"),
      `validation/${validation!.slice(0, 16)}\n${train.slice(0, 16).toUpperCase()}\n`,
    );
    const where = ["--data", at("by-ids"), "--base-url", base];
    await csl("--dataset", "openimages", "--ids", at("ids.txt"), ...where);
    expect(await readdir(at("by-ids", "train"))).toEqual([train]);
    expect(await readdir(at("by-ids", "validation"))).toEqual([validation]);
    await expect(csl("--dataset", "openimages", "--ids", at("no-ids.txt"), ...where)).rejects.toThrow(
      /csl download: expected --ids to name a file with one image id a line, got .*no-ids\.txt: ENOENT/,
    );
  });

  it("fetches originals by the image list, held against the published size and checksum", async () => {
    const data = await openImagesData("originals");
    const there = new Set(await readdir(openImages.splits.train.images));
    const rows = (await readFile(openImages.splits.train.labels, "utf8")).split("\n");
    const labelled = [...new Set(rows.map((line) => `${line.split(",")[0]}.jpg`))].filter((name) =>
      there.has(name),
    );
    const [right, wrong, unlisted] = labelled as [string, string, string];
    const row = async (name: string, flaw = ""): Promise<string> => {
      const bytes = await readFile(join(openImages.splits.train.images, name));
      const md5 = createHash("md5").update(bytes).update(flaw).digest("base64");
      return `${name.slice(0, 16)},train,${base}/train/${name},,,,,,${bytes.length},${md5},,0.0\n`;
    };
    const list = join(data, "train-images-with-labels-with-rotation.csv");
    const header = (await readFile(list, "utf8")).split("\n")[0];
    await writeFile(list, `${header}\n${await row(right)}${await row(wrong, "other")}`);
    await writeFile(at("three.txt"), [right, wrong, unlisted].join("\n"));
    const args = ["--data", data, "--source", "original", "--ids", at("three.txt")];
    expect(await csl(...args, "--retries", 0)).toMatch(/^1 images fetched.* 2 missing/);
    expect(await readdir(join(data, "train"))).toEqual([right]);
    const missing = await readFile(join(data, "missing.csv"), "utf8");
    expect(missing).toMatch(new RegExp(`${wrong.slice(0, 16)},.*expected MD5`));
    expect(missing).toContain(`${unlisted.slice(0, 16)},,no address is known,no`);
  });

  it("fetches COCO's and LVIS's images to where training looks for them", async () => {
    const coco = await dataFolder("coco", at("remote"), ["annotations/instances_val.json"]);
    expect(await csl("--data", coco, "--split", "val", "--base-url", `${base}/val`)).toMatch(
      /^6 images fetched/,
    );
    expect(await readdir(join(coco, "val"))).toHaveLength(6);
    const lvis = await dataFolder("lvis", at("remote", "lvis"), ["lvis_v1_val.json"]);
    expect(await csl("--data", lvis, "--split", "val", "--base-url", base)).toMatch(/^6 images fetched/);
    expect((await stat(join(lvis, "val"))).isDirectory()).toBe(true);
    await runCommand(
      ["prepare", "--data", coco, "--split", "val", "--out", at("shards"), "--workers", "0", "--quiet"],
      {
        out: { write: () => {} },
      },
    );
    expect(await readdir(at("shards"))).toContain("val-000000.tar");
  });

  it("shares images and files over ranks: none is fetched twice, and rank 0 says it for all", async () => {
    const data = await dataFolder("coco-ranks", at("remote"), ["annotations/instances_train.json"]);
    const images = await readdir(at("remote/train"));
    await rm(at("remote/train", images[3]!));
    requests.length = 0;
    const given = { data, split: "train", "base-url": `${base}/train`, parallel: "4" };
    const { out, ends } = await onRanks(3, downloadCommand, () => given);
    expect(ends.map(({ status }) => status)).toEqual(Array(3).fill("fulfilled"));
    expect(out).toMatch(
      /^19 images fetched .*, 0 were there, 1 missing: .*\n1 × 404 Not Found: .*missing\.csv/,
    );
    expect([...requests].sort()).toEqual(images.map((name) => `/train/${name}`).sort());
    expect((await readdir(data)).sort()).toEqual(["annotations", "missing.csv", "train"]);
    // One process goes on from what three have left.
    requests.length = 0;
    expect(await csl("--data", data, "--split", "train", "--base-url", `${base}/train`)).toMatch(
      /^0 images fetched .*, 19 were there, 1 missing/,
    );
    expect(requests).toEqual([]);
    const files = { labels: "v7", kinds: "classes,trainable", data: at("labels-ranks"), "base-url": base };
    await mkdir(at("remote", "v7"), { recursive: true });
    await copyFile(openImages.classDescriptions, at("remote/v7/oidv7-class-descriptions.csv"));
    const labels = await onRanks(2, downloadCommand, () => files);
    expect(labels.out).toMatch(/^1 of 2 files, /);
    expect(labels.ends[0]).toMatchObject({
      reason: { message: expect.stringMatching(/1 files are missing/) },
    });
  });

  it("fetches the official label files, all that there are, and says which are missing", async () => {
    await mkdir(at("remote", "v7"), { recursive: true });
    await copyFile(openImages.classDescriptions, at("remote/v7/oidv7-class-descriptions.csv"));
    const args = ["--labels", "v7", "--data", at("labels"), "--base-url", base];
    await expect(csl(...args, "--kinds", "classes,trainable")).rejects.toThrow(
      /1 files are missing\.\n.*oidv7-classes-trainable\.txt, got: 404 Not Found/,
    );
    expect(await csl(...args, "--kinds", "classes")).toMatch(/^1 of 1 files \(1 were there\)/);
    expect(await readdir(at("labels"))).toEqual(["oidv7-class-descriptions.csv"]);
  });

  it("fetches any one file by its address", async () => {
    await writeFile(at("remote", "some archive.tar"), "tar");
    const url = `${base}/some%20archive.tar`;
    expect(await csl("--url", url, "--out", at("archives"))).toMatch(/^1 of 1 files, 3 B/);
    expect(await readFile(at("archives/some archive.tar"), "utf8")).toBe("tar");
    for (const none of [base, `${base}/100%.zip`, `${base}/a/..%2f..`, `${base}/a%00.zip`])
      await expect(csl("--url", none, "--out", at("archives"))).rejects.toThrow(
        /expected --url to be .* of a file/,
      );
  });

  it("unpacks archives to where training looks, once, and keeps those that it did not fetch itself", async () => {
    const annotations = await readFile(at("remote/annotations/instances_val.json"));
    await writeFile(at("remote/annotations.zip"), zipOf({ "annotations/instances_val.json": annotations }));
    const get = (...more: string[]) =>
      csl("--url", `${base}/annotations.zip`, "--out", at("unpacked"), ...more);
    expect(await get()).toMatch(/^1 of 1 files, .*\nunpacked: annotations\.zip, 1 files, /);
    expect(await readdir(at("unpacked"))).toEqual(["annotations", "annotations.zip.unpacked.json"]);
    requests.length = 0;
    expect(await get()).toMatch(
      /^1 of 1 files \(1 were there\).*\nunpacked already: annotations\.zip, 1 files/,
    );
    expect(requests).toEqual([]);

    await rm(at("unpacked"), { recursive: true });
    await get("--keep-archives");
    expect(await readdir(at("unpacked"))).toContain("annotations.zip");
    await rm(at("unpacked/annotations"), { recursive: true });
    await get(); // the archive was there already: whoever put it there may want it
    expect((await readdir(at("unpacked"))).sort()).toEqual([
      ...["annotations", "annotations.zip", "annotations.zip.unpacked.json"],
    ]);

    await rm(at("unpacked"), { recursive: true });
    await get("--no-unpack");
    expect(await readdir(at("unpacked"))).toEqual(["annotations.zip"]);
    await writeFile(at("remote/evil.zip"), zipOf({ "../evil": "x" }));
    await expect(csl("--url", `${base}/evil.zip`, "--out", at("unpacked"))).rejects.toThrow(
      /unpackArchive: expected a complete, undamaged archive, got .*evil\.zip/,
    );
  });

  it("refuses flags that fit nothing", async () => {
    const data = await openImagesData("wrong");
    await expect(csl("--data", data, "--classes", "Unicorn")).rejects.toThrow(/unknown id "Unicorn"/);
    await expect(csl("--data", at("coco"), "--split", "val", "--source", "original")).rejects.toThrow(
      /expected --source bucket for coco/,
    );
    await expect(csl("--labels", "v9")).rejects.toThrow(
      /expected --labels to be one of v4, v5, v6, v7, got "v9"/,
    );
    await expect(csl("--labels", "v7", "--kinds", "all")).rejects.toThrow(
      /expected --kinds of classes, .* got "all"/,
    );
    await writeFile(at("other.txt"), "000026e7ee790996\n");
    await expect(csl("--data", data, "--ids", at("other.txt"))).rejects.toThrow(/1 that it does not have/);
  });
});
