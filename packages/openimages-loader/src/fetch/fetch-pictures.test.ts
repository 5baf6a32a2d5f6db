import { createHash } from "node:crypto";
import * as nodeFiles from "node:fs/promises";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BadServer, cutsAt, fakeJpeg, inTurn, serves, stallsAt, status } from "./bad-server.js";
import { FakeClock } from "./fake-clock.js";
import { type FetchPicturesOptions, fetchPictures, type PictureItem } from "./fetch-pictures.js";
import type { FetchFiles } from "./part-file.js";

let server: BadServer;
let root: string;
let folder: string;
let clock: FakeClock;
let count = 0;
const jpeg = fakeJpeg(50_000);

beforeAll(async () => {
  server = await BadServer.start();
  root = await mkdtemp(join(tmpdir(), "csl-fetch-"));
});
afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true, force: true });
});
beforeEach(() => {
  folder = join(root, String(count++));
  clock = new FakeClock();
});

const item = (id: string, more: Partial<PictureItem> = {}): PictureItem => ({
  ...{ id, url: `${server.base}/${id}.jpg`, path: `${id}.jpg` },
  ...more,
});
const fetchAll = (items: PictureItem[], more: FetchPicturesOptions = {}) =>
  fetchPictures(items, { folder, clock, random: () => 0.5, ...more });
/** Whether the picture is there with this content. */
const fetched = async (id: string, content: Buffer): Promise<boolean> =>
  content.equals(await readFile(join(folder, `${id}.jpg`)));
const names = async (): Promise<string[]> => (await readdir(folder)).sort();
const missingCsv = (): Promise<string> => readFile(join(folder, "missing.csv"), "utf8");

describe("fetchPictures from a server that misbehaves", () => {
  it("fetches what is served well, and leaves nothing else in the folder", async () => {
    server.on("/good.jpg", serves(jpeg));
    expect(await fetchAll([item("good")])).toEqual({ done: 1, skipped: 0, missing: [], bytes: jpeg.length });
    expect(await fetched("good", jpeg)).toBe(true);
    expect(await names()).toEqual(["good.jpg"]);
  });

  it("continues a body that is cut off, by a range that counts for the same file only", async () => {
    server.on("/cut.jpg", inTurn(cutsAt(20_000, jpeg, { etag: '"a"' }), serves(jpeg, { etag: '"a"' })));
    await fetchAll([item("cut")]);
    expect(await fetched("cut", jpeg)).toBe(true);
    expect(server.ranges("/cut.jpg")).toEqual([undefined, "bytes=20000-"]);
    expect(server.requests("/cut.jpg")[1]!.headers["if-range"]).toBe('"a"');
    expect(clock.slept).toEqual([375]); // half of 500 ms and half of the other half
  });

  it("starts again when the range is ignored", async () => {
    server.on("/ignored.jpg", inTurn(cutsAt(20_000, jpeg), serves(jpeg)));
    await fetchAll([item("ignored")]);
    expect(await fetched("ignored", jpeg)).toBe(true);
  });

  it("starts again when the file has changed meanwhile", async () => {
    const other = fakeJpeg(50_000, 2);
    server.on("/changed.jpg", inTurn(cutsAt(20_000, jpeg, { etag: '"a"' }), serves(other, { etag: '"b"' })));
    await fetchAll([item("changed")]);
    expect(await fetched("changed", other)).toBe(true);
  });

  it("starts again when the server continues elsewhere than asked", async () => {
    const wrong = { "content-range": `bytes 0-99/${jpeg.length}`, "content-length": "100" };
    server.on(
      "/elsewhere.jpg",
      inTurn(
        cutsAt(20_000, jpeg, { etag: '"a"' }),
        (response) => void response.writeHead(206, wrong).end(jpeg.subarray(0, 100)),
        serves(jpeg, { etag: '"a"' }),
      ),
    );
    await fetchAll([item("elsewhere")]);
    expect(await fetched("elsewhere", jpeg)).toBe(true);
    expect(server.ranges("/elsewhere.jpg")).toEqual([undefined, "bytes=20000-", undefined]);
  });

  it.each([0, 30_000])("gives up an attempt that stalls after %d bytes", async (bytes) => {
    server.on("/stall.jpg", inTurn(stallsAt(bytes, jpeg), serves(jpeg)));
    const log: string[] = [];
    await fetchAll([item("stall")], { timeout: 0.5, log: (text) => log.push(text) });
    expect(await fetched("stall", jpeg)).toBe(true);
    expect(log).toEqual([expect.stringMatching(/no byte for 0\.5 s; attempt 2 in 0\.4 s$/)]);
  });

  it("waits patiently for a slow body as long as bytes come", async () => {
    server.on("/slow.jpg", (response) => {
      response.writeHead(200, { "content-length": jpeg.length });
      let at = 0;
      const timer = setInterval(() => {
        response.write(jpeg.subarray(at, at + 10_000));
        at += 10_000;
        if (at >= jpeg.length) {
          clearInterval(timer);
          response.end();
        }
      }, 250);
    });
    await fetchAll([item("slow")], { timeout: 1, retries: 0 }); // 1.25 s in all
    expect(await fetched("slow", jpeg)).toBe(true);
  });

  it("tries again after 500, waits as long as 429 and 503 ask", async () => {
    server.on(
      "/busy.jpg",
      inTurn(
        status(500),
        status(429, { "retry-after": "7" }),
        status(503, { "retry-after": "Thu, 01 Jan 2026 00:01:00 GMT" }),
        serves(jpeg),
      ),
    );
    await fetchAll([item("busy")]);
    expect(await fetched("busy", jpeg)).toBe(true);
    // After 0.375 s and 7 s the minute is not over for another 52.625 s.
    expect(clock.slept).toEqual([375, 7000, 52_625]);
  });

  it("holds everybody back while a server asks for a pause", async () => {
    server.on("/a.jpg", inTurn(status(429, { "retry-after": "100" }), serves(jpeg)));
    server.on("/b.jpg", serves(jpeg));
    const items = function* () {
      yield item("a");
      yield item("b");
    };
    const times: number[] = [];
    const started = clock.now();
    await fetchPictures(items(), {
      ...{ folder, clock, parallel: 1, onProgress: () => times.push(clock.now() - started) },
    });
    expect(times[0]).toBeGreaterThanOrEqual(100_000);
  });

  it("lists what is not there and never stops for it; asks no second time", async () => {
    for (const id of ["x", "y", "z"]) server.on(`/${id}.jpg`, serves(jpeg));
    const items = ["x", "gone", "y", "gone2", "z"].map((id) => item(id));
    const report = await fetchAll(items, { parallel: 2 });
    expect(report).toMatchObject({ done: 3, skipped: 0 });
    expect(report.missing.map(({ id, reason }) => `${id}: ${reason}`).sort()).toEqual([
      "gone2: 404 Not Found",
      "gone: 404 Not Found",
    ]);
    expect((await missingCsv()).split("\n").sort().slice(1, 3)).toEqual([
      `gone,${server.base}/gone.jpg,404 Not Found,no`,
      `gone2,${server.base}/gone2.jpg,404 Not Found,no`,
    ]);
    expect(clock.slept).toEqual([]);

    server.on("/gone.jpg", serves(jpeg));
    expect(await fetchAll(items)).toMatchObject({ done: 0, skipped: 3, missing: [{}, {}] });
    expect(server.requests("/gone.jpg")).toHaveLength(0);
    expect(await fetchAll(items, { retryMissing: true })).toMatchObject({
      done: 1,
      missing: [{ id: "gone2" }],
    });
    expect(await missingCsv()).not.toMatch(/gone,/);
  });

  it("forgets missing.csv when nothing is missing any more", async () => {
    await fetchAll([item("late")]);
    server.on("/late.jpg", serves(jpeg));
    await fetchAll([item("late")], { retryMissing: true });
    expect(await names()).toEqual(["late.jpg"]);
  });

  it.each([
    [
      "a web page with status 200",
      Buffer.from("<!DOCTYPE html><html>…"),
      /no picture: it begins with "<!DOC/,
    ],
    ["a JPEG without its end", jpeg.subarray(0, 40_000), /without its end/],
    ["nothing", Buffer.alloc(0), /empty file/],
  ])("refuses %s, after trying again", async (_, body, reason) => {
    server.on("/odd.jpg", serves(body));
    const report = await fetchAll([item("odd")], { retries: 2 });
    expect(report.missing).toMatchObject([{ id: "odd", reason: expect.stringMatching(reason) }]);
    expect(server.requests("/odd.jpg")).toHaveLength(3);
    expect(await names()).toEqual(["missing.csv"]);
    server.on("/odd.jpg", serves(jpeg)); // the next run asks again by itself
    expect(await fetchAll([item("odd")])).toMatchObject({ done: 1, missing: [] });
  });

  it("refuses another length or checksum than is known beforehand", async () => {
    server.on("/known.jpg", serves(jpeg));
    const md5 = createHash("md5").update(jpeg).digest("base64");
    expect(await fetchAll([item("known", { md5, size: jpeg.length })])).toMatchObject({ done: 1 });
    await rm(folder, { recursive: true });
    const wrong = await fetchAll([item("known", { md5: "AAAAAAAAAAAAAAAAAAAAAA==" })], { retries: 0 });
    expect(wrong.missing[0]!.reason).toBe(`expected MD5 AAAAAAAAAAAAAAAAAAAAAA==, got ${md5}`);
    const short = await fetchAll([item("known", { size: 1 })], { retries: 0 });
    expect(short.missing[0]!.reason).toMatch(/expected 1 bytes, got 50000/);
  });

  it("holds pictures against an ETag that is an MD5, when asked to", async () => {
    const etag = (bytes: Buffer): string => `"${createHash("md5").update(bytes).digest("hex")}"`;
    const damaged = Buffer.from(jpeg);
    damaged[100] = 1;
    server.on("/tag.jpg", inTurn(serves(damaged, { etag: etag(jpeg) }), serves(jpeg, { etag: etag(jpeg) })));
    server.on("/parts.jpg", serves(jpeg, { etag: '"0123456789abcdef0123456789abcdef-2"' })); // of several parts: no MD5
    expect(await fetchAll([item("tag"), item("parts")], { etagMd5: true })).toMatchObject({ done: 2 });
    expect(await fetched("tag", jpeg)).toBe(true);
    expect(server.requests("/tag.jpg")).toHaveLength(2);
  });

  it("follows redirects, and knows Flickr's picture for pictures that are gone", async () => {
    server.on("/moved.jpg", status(302, { location: "/target.jpg" }));
    server.on("/target.jpg", serves(jpeg));
    server.on("/deleted.jpg", status(302, { location: "/photo_unavailable.png" }));
    server.on("/photo_unavailable.png", serves(jpeg));
    const report = await fetchAll([item("moved"), item("deleted")]);
    expect(await fetched("moved", jpeg)).toBe(true);
    expect(report.missing).toMatchObject([{ id: "deleted", reason: "Flickr no longer has the picture" }]);
  });

  it("says that nobody listens, and stops when that goes on", async () => {
    const nobody = Array.from({ length: 20 }, (_, i) =>
      item(`n${i}`, { url: `http://127.0.0.1:1/${i}.jpg` }),
    );
    const one = await fetchAll(nobody.slice(0, 1), { retries: 1 });
    expect(one.missing[0]!.reason).toMatch(/ECONNREFUSED|bad port/);
    await expect(fetchAll(nobody, { retries: 1, giveUpAfter: 5, parallel: 2 })).rejects.toThrow(
      /the last 5 pictures failed .* run the same again/,
    );
  });

  it("lists what is no address", async () => {
    const report = await fetchAll([item("none", { url: "" }), item("ftp", { url: "ftp://x/y" })]);
    expect(report.missing.map(({ reason }) => reason).sort()).toEqual([
      "no address is known",
      'no http(s) address: "ftp://x/y"',
    ]);
  });

  it("asks the signer before every attempt, and sends what it says", async () => {
    server.on("/private.jpg", (response, n, request) => {
      const right = request.headers.authorization === "key 1"; // the first signature has expired
      (right ? serves(jpeg) : status(503))(response, n, request);
    });
    let signed = 0;
    await fetchAll([item("private")], {
      sign: ({ url, headers }) => ({ url, headers: { ...headers, authorization: `key ${signed++ % 2}` } }),
    });
    expect(server.requests("/private.jpg")).toHaveLength(2);
    expect(await fetched("private", jpeg)).toBe(true);
  });
});

describe("fetchPictures, interrupted", () => {
  it("aborted, it throws the reason and leaves whole pictures only; the next call continues", async () => {
    const controller = new AbortController();
    server.on("/one.jpg", serves(jpeg));
    server.on("/two.jpg", inTurn(stallsAt(1000, jpeg), serves(jpeg)));
    const items = [item("never"), item("one"), item("two")];
    const onProgress = ({ done, missing }: { done: number; missing: number }): void => {
      if (done === 1 && missing === 1) setTimeout(() => controller.abort(new Error("Ctrl-C")), 50);
    };
    await expect(fetchAll(items, { signal: controller.signal, onProgress })).rejects.toThrow("Ctrl-C");
    expect(await names()).toEqual(["missing.csv", "one.jpg"]);
    expect(await fetchAll(items)).toMatchObject({ done: 1, skipped: 1, missing: [{ id: "never" }] });
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
    const items = Array.from({ length: 5 }, (_, i) => item(`full${i}`));
    for (const { id } of items) server.on(`/${id}.jpg`, serves(jpeg));
    await expect(fetchAll(items, { files: { ...nodeFiles, open }, parallel: 1 })).rejects.toThrow(
      /no room left on the disk .*ENOSPC.*run the same again/,
    );
    expect(await names()).toEqual(["full0.jpg", "full1.jpg"]);
    expect(await fetchAll(items)).toMatchObject({ done: 3, skipped: 2 });
  });

  it("lists each folder once instead of looking for each file", async () => {
    server.on("/there.jpg", serves(jpeg));
    await fetchAll([item("there")]);
    let listed = 0;
    const readdirCounted = ((path: string) => {
      listed++;
      return nodeFiles.readdir(path);
    }) as FetchFiles["readdir"];
    const again = Array.from({ length: 1000 }, (_, i) => item(`there`, { id: `${i}` }));
    const files = {
      ...nodeFiles,
      readdir: readdirCounted,
      stat: () => Promise.reject(new Error("no")),
    } as FetchFiles;
    expect(await fetchAll(again, { files })).toMatchObject({ skipped: 1000, done: 0 });
    expect(listed).toBe(1);
  });

  it("rechecks what is there when asked to", async () => {
    server.on("/half.jpg", serves(jpeg));
    await fetchAll([item("half")]);
    await writeFile(join(folder, "half.jpg"), jpeg.subarray(0, 30_000));
    expect(await fetchAll([item("half")])).toMatchObject({ skipped: 1 });
    expect(await fetchAll([item("half")], { recheck: true })).toMatchObject({ done: 1 });
    expect(await fetched("half", jpeg)).toBe(true);
  });

  it("reports progress, and takes items that come one by one", async () => {
    for (let i = 0; i < 3; i++) server.on(`/p${i}.jpg`, serves(jpeg));
    const items = async function* () {
      for (let i = 0; i < 3; i++) yield item(`p${i}`);
    };
    const seen: unknown[] = [];
    const options = { folder, clock, parallel: 1, total: 3 };
    await fetchPictures(items(), { ...options, onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toMatchObject({ done: 3, skipped: 0, missing: 0, total: 3, bytes: 150_000 });
  });
});
