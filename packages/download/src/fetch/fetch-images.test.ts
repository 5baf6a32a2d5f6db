import { createHash } from "node:crypto";
import * as nodeFiles from "node:fs/promises";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fakeJpeg, inTurn, serves, stallsAt } from "@csl/test-support/bad-server";
import { describe, expect, it } from "vitest";
import { ImageBench } from "../../test/image-bench.js";
import type { FetchFiles } from "../files.js";
import { fetchImages } from "./fetch-images.js";

const bench = new ImageBench();
const jpeg = fakeJpeg(50_000);

describe("fetchImages: what is in the folder and in missing.csv afterwards", () => {
  it("fetches what is served well, and leaves nothing else in the folder", async () => {
    bench.server.on("/good.jpg", serves(jpeg));
    expect(await bench.fetchAll([bench.item("good")])).toEqual({
      done: 1,
      skipped: 0,
      missing: [],
      bytes: jpeg.length,
    });
    expect(await bench.fetched("good", jpeg)).toBe(true);
    expect(await bench.names()).toEqual(["good.jpg"]);
  });

  it("lists what is not there and never stops for it; asks no second time", async () => {
    for (const id of ["x", "y", "z"]) bench.server.on(`/${id}.jpg`, serves(jpeg));
    const items = ["x", "gone", "y", "gone2", "z"].map((id) => bench.item(id));
    const report = await bench.fetchAll(items, { parallel: 2 });
    expect(report).toMatchObject({ done: 3, skipped: 0 });
    expect(report.missing.map(({ id, reason }) => `${id}: ${reason}`).sort()).toEqual([
      "gone2: 404 Not Found",
      "gone: 404 Not Found",
    ]);
    expect((await bench.missingCsv()).split("\n").sort().slice(1, 3)).toEqual([
      `gone,${bench.server.base}/gone.jpg,404 Not Found,no`,
      `gone2,${bench.server.base}/gone2.jpg,404 Not Found,no`,
    ]);
    expect(bench.clock.slept).toEqual([]);

    bench.server.on("/gone.jpg", serves(jpeg));
    expect(await bench.fetchAll(items)).toMatchObject({ done: 0, skipped: 3, missing: [{}, {}] });
    expect(bench.server.requests("/gone.jpg")).toHaveLength(0);
    expect(await bench.fetchAll(items, { retryMissing: true })).toMatchObject({
      done: 1,
      missing: [{ id: "gone2" }],
    });
    expect(await bench.missingCsv()).not.toMatch(/gone,/);
  });

  it("forgets missing.csv when nothing is missing any more", async () => {
    await bench.fetchAll([bench.item("late")]);
    bench.server.on("/late.jpg", serves(jpeg));
    await bench.fetchAll([bench.item("late")], { retryMissing: true });
    expect(await bench.names()).toEqual(["late.jpg"]);
  });

  it("refuses a missing.csv of another origin, and leaves it and the folder as they are", async () => {
    await mkdir(bench.folder);
    const path = join(bench.folder, "missing.csv");
    await writeFile(path, "name,age\nme,40\n");
    await expect(bench.fetchAll([bench.item("a")])).rejects.toMatchObject({ code: "already-exists" });
    expect(await bench.missingCsv()).toBe("name,age\nme,40\n");
    expect(await bench.names()).toEqual(["missing.csv"]);
  });

  it.each([
    [
      "a web page with status 200",
      Buffer.from("<!DOCTYPE html><html>…"),
      /not an image: it begins with "<!DOC/,
    ],
    ["a JPEG without its end", jpeg.subarray(0, 40_000), /without its end/],
    ["nothing", Buffer.alloc(0), /empty file/],
  ])("refuses %s, after trying again", async (_, body, reason) => {
    bench.server.on("/odd.jpg", serves(body));
    const report = await bench.fetchAll([bench.item("odd")], { retries: 2 });
    expect(report.missing).toMatchObject([{ id: "odd", reason: expect.stringMatching(reason) }]);
    expect(bench.server.requests("/odd.jpg")).toHaveLength(3);
    expect(await bench.names()).toEqual(["missing.csv"]);
    bench.server.on("/odd.jpg", serves(jpeg)); // the next run asks again by itself
    expect(await bench.fetchAll([bench.item("odd")])).toMatchObject({ done: 1, missing: [] });
  });

  it("refuses another length or checksum than is known beforehand", async () => {
    bench.server.on("/known.jpg", serves(jpeg));
    const md5 = createHash("md5").update(jpeg).digest("base64");
    expect(await bench.fetchAll([bench.item("known", { md5, size: jpeg.length })])).toMatchObject({
      done: 1,
    });
    await rm(bench.folder, { recursive: true });
    const wrong = await bench.fetchAll([bench.item("known", { md5: "AAAAAAAAAAAAAAAAAAAAAA==" })], {
      retries: 0,
    });
    expect(wrong.missing[0]!.reason).toBe(`expected MD5 AAAAAAAAAAAAAAAAAAAAAA==, got ${md5}`);
    const short = await bench.fetchAll([bench.item("known", { size: 1 })], { retries: 0 });
    expect(short.missing[0]!.reason).toMatch(/expected 1 bytes, got 50000/);
  });

  it("holds images against an ETag that is an MD5, when asked to", async () => {
    const etag = (bytes: Buffer): string => `"${createHash("md5").update(bytes).digest("hex")}"`;
    const damaged = Buffer.from(jpeg);
    damaged[100] = 1;
    bench.server.on(
      "/tag.jpg",
      inTurn(serves(damaged, { etag: etag(jpeg) }), serves(jpeg, { etag: etag(jpeg) })),
    );
    bench.server.on("/parts.jpg", serves(jpeg, { etag: '"0123456789abcdef0123456789abcdef-2"' })); // of several parts: no MD5
    expect(await bench.fetchAll([bench.item("tag"), bench.item("parts")], { etagMd5: true })).toMatchObject({
      done: 2,
    });
    expect(await bench.fetched("tag", jpeg)).toBe(true);
    expect(bench.server.requests("/tag.jpg")).toHaveLength(2);
  });
});

describe("fetchImages, interrupted", () => {
  it("aborted, it throws the reason and leaves whole images only; the next call continues", async () => {
    const controller = new AbortController();
    bench.server.on("/one.jpg", serves(jpeg));
    bench.server.on("/two.jpg", inTurn(stallsAt(1000, jpeg), serves(jpeg)));
    const items = [bench.item("never"), bench.item("one"), bench.item("two")];
    const onProgress = ({ done, missing }: { done: number; missing: number }): void => {
      if (done === 1 && missing === 1) setTimeout(() => controller.abort(new Error("Ctrl-C")), 50);
    };
    await expect(bench.fetchAll(items, { signal: controller.signal, onProgress })).rejects.toThrow("Ctrl-C");
    expect(await bench.names()).toEqual(["missing.csv", "one.jpg"]);
    expect(await bench.fetchAll(items)).toMatchObject({ done: 1, skipped: 1, missing: [{ id: "never" }] });
  });

  it("says that the disk is full, leaves nothing half-written, and continues", async () => {
    let room = 120_000;
    const open = (async (path: string, flags: string) => {
      const file = await nodeFiles.open(path, flags);
      const write = file.write.bind(file) as typeof file.write;
      file.write = (async (chunk: Uint8Array, from: number, length: number, position: number) => {
        room -= length;
        if (room < 0)
          throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
        return write(chunk, from, length, position);
      }) as typeof file.write;
      return file;
    }) as FetchFiles["open"];
    const items = Array.from({ length: 5 }, (_, i) => bench.item(`full${i}`));
    for (const { id } of items) bench.server.on(`/${id}.jpg`, serves(jpeg));
    await expect(bench.fetchAll(items, { files: { ...nodeFiles, open }, parallel: 1 })).rejects.toThrow(
      /fetchImages: cannot write .*the disk is full \(ENOSPC\).*the same call continues/,
    );
    expect(await bench.names()).toEqual(["full0.jpg", "full1.jpg"]);
    expect(await bench.fetchAll(items)).toMatchObject({ done: 3, skipped: 2 });
  });

  it("lists each folder once instead of looking for each file", async () => {
    bench.server.on("/there.jpg", serves(jpeg));
    await bench.fetchAll([bench.item("there")]);
    let listed = 0;
    const readdirCounted = ((path: string) => {
      if (path === bench.folder) listed++;
      return nodeFiles.readdir(path);
    }) as FetchFiles["readdir"];
    const again = Array.from({ length: 1000 }, (_, i) => bench.item(`there`, { id: `${i}` }));
    const files = {
      ...nodeFiles,
      readdir: readdirCounted,
      stat: () => Promise.reject(new Error("no")),
    } as FetchFiles;
    expect(await bench.fetchAll(again, { files })).toMatchObject({ skipped: 1000, done: 0 });
    expect(listed).toBe(1);
  });

  it("rechecks what is there when asked to", async () => {
    bench.server.on("/half.jpg", serves(jpeg));
    await bench.fetchAll([bench.item("half")]);
    await writeFile(join(bench.folder, "half.jpg"), jpeg.subarray(0, 30_000));
    expect(await bench.fetchAll([bench.item("half")])).toMatchObject({ skipped: 1 });
    expect(await bench.fetchAll([bench.item("half")], { recheck: true })).toMatchObject({ done: 1 });
    expect(await bench.fetched("half", jpeg)).toBe(true);
  });

  it("reports progress, and takes items that come one by one", async () => {
    for (let i = 0; i < 3; i++) bench.server.on(`/p${i}.jpg`, serves(jpeg));
    const items = async function* () {
      for (let i = 0; i < 3; i++) yield bench.item(`p${i}`);
    };
    const seen: unknown[] = [];
    const options = { folder: bench.folder, clock: bench.clock, parallel: 1, total: 3 };
    await fetchImages(items(), { ...options, onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toMatchObject({ done: 3, skipped: 0, missing: 0, total: 3, bytes: 150_000 });
  });
});
