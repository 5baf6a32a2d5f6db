import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BadServer, cutsAt, fakeJpeg, inTurn, serves, stallsAt, status } from "@csl/test-support/bad-server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FakeClock } from "../../test/fake-clock.js";
import { type FetchFileOptions, fetchFile } from "./fetch-file.js";

let server: BadServer;
let folder: string;
const MIB = 1 << 20;
const large = fakeJpeg(3 * MIB); // large enough for a note beside the .part
const small = fakeJpeg(1000);
const at = (name: string): string => join(folder, name);
const fetchTo = (name: string, more: FetchFileOptions = {}) =>
  fetchFile(`${server.base}/${name}`, at(name), { clock: new FakeClock(), random: () => 0, ...more });

beforeAll(async () => {
  server = await BadServer.start();
  folder = await mkdtemp(join(tmpdir(), "csl-file-"));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** Compares as memory: element by element, three million numbers take their time. */
const holds = async (path: string, content: Buffer): Promise<boolean> => content.equals(await readFile(path));

/** Fetches `name` from a server that stops after half of it, and aborts there: as Ctrl-C or a kill would. */
async function fetchHalf(name: string, etag: string): Promise<number> {
  const controller = new AbortController();
  server.on(`/${name}`, (response) => {
    response.writeHead(200, { etag, "content-length": large.length });
    response.write(large.subarray(0, 2 * MIB));
  });
  const onProgress = (done: number): void => {
    if (done >= 2 * MIB) controller.abort(new Error("Ctrl-C"));
  };
  await expect(fetchTo(name, { signal: controller.signal, onProgress })).rejects.toThrow("Ctrl-C");
  return (await stat(at(`${name}.part`))).size;
}

describe("fetchFile", () => {
  it("continues a large file in a later run, and asks for nothing twice", async () => {
    expect(await fetchHalf("later.csv", '"a"')).toBe(2 * MIB);
    server.on("/later.csv", serves(large, { etag: '"a"' }));
    const seen: [number, number | undefined][] = [];
    const onProgress = (...progress: [number, number | undefined]): void => void seen.push(progress);
    expect(await fetchTo("later.csv", { onProgress })).toMatchObject({ bytes: 3 * MIB, skipped: false });
    expect(Math.min(...seen.map(([done]) => done))).toBeGreaterThan(2 * MIB);
    expect(seen.at(-1)).toEqual([3 * MIB, 3 * MIB]);
    expect(await holds(at("later.csv"), large)).toBe(true);
    expect((await readdir(folder)).filter((name) => name.startsWith("later"))).toEqual(["later.csv"]);
  });

  it("starts again in a later run when the file has changed, or ranges are ignored", async () => {
    for (const [name, etag] of [
      ["changed.csv", '"b"'],
      ["ignored.csv", undefined],
    ] as const) {
      await fetchHalf(name, '"a"');
      const other = fakeJpeg(3 * MIB, 2);
      server.on(`/${name}`, serves(other, etag ? { etag } : {}));
      await fetchTo(name);
      expect(await holds(at(name), other)).toBe(true);
    }
  });

  it("does not believe a .part of another address, nor one without its note", async () => {
    await fetchHalf("moved.csv", '"a"');
    server.on("/elsewhere.csv", serves(large, { etag: '"a"' }));
    await fetchFile(`${server.base}/elsewhere.csv`, at("moved.csv"));
    expect(server.ranges("/elsewhere.csv")).toEqual([undefined]);

    await fetchHalf("lost.csv", '"a"');
    await rm(at("lost.csv.part.json"));
    server.on("/lost.csv", serves(large, { etag: '"a"' }));
    await fetchTo("lost.csv");
    expect(server.ranges("/lost.csv")).toEqual([undefined]);
    expect(await holds(at("lost.csv"), large)).toBe(true);
  });

  it("finds that nothing was missing but the name", async () => {
    await fetchHalf("whole.csv", '"a"');
    await writeFile(at("whole.csv.part"), large);
    server.on("/whole.csv", serves(large, { etag: '"a"' }));
    await fetchTo("whole.csv");
    expect(server.ranges("/whole.csv")).toEqual([`bytes=${large.length}-`]);
    expect(await holds(at("whole.csv"), large)).toBe(true);
  });

  it("starts again when the .part is longer than the file", async () => {
    await fetchHalf("long.csv", '"a"');
    await writeFile(at("long.csv.part"), Buffer.concat([large, small]));
    server.on("/long.csv", serves(large, { etag: '"a"' }));
    await fetchTo("long.csv");
    expect(await holds(at("long.csv"), large)).toBe(true);
  });

  it("leaves a small broken file behind in no form", async () => {
    server.on("/small.csv", stallsAt(500, small));
    await expect(fetchTo("small.csv", { timeout: 0.05, retries: 1 })).rejects.toThrow(
      /expected .*small\.csv, got: no byte for 0\.05 s\. Run the same again/,
    );
    expect((await readdir(folder)).filter((name) => name.startsWith("small"))).toEqual([]);
  });

  it("skips a file that is there, unless it has another length than it should", async () => {
    server.on("/there.csv", serves(small));
    await fetchTo("there.csv");
    expect(await fetchTo("there.csv")).toEqual({ path: at("there.csv"), bytes: 1000, skipped: true });
    await writeFile(at("there.csv"), "torn");
    expect(await fetchTo("there.csv", { size: 1000 })).toMatchObject({ skipped: false });
  });

  it("holds a file against the MD5 that Google's buckets send, over a continuation too", async () => {
    const md5 = createHash("md5").update(large).digest("base64");
    const headers = { etag: '"g"', "x-goog-hash": `crc32c=AAAAAA==,md5=${md5}` };
    const damaged = Buffer.from(large);
    damaged[100] = 1; // in the half that comes first
    server.on(
      "/goog.csv",
      inTurn(cutsAt(MIB, damaged, headers), serves(large, { etag: '"g"' }), serves(large, { headers })),
    );
    const log: string[] = [];
    await fetchTo("goog.csv", { log: (text) => log.push(text) });
    expect(await holds(at("goog.csv"), large)).toBe(true);
    expect(log[1]).toMatch(/expected MD5/);
    expect(server.ranges("/goog.csv")).toEqual([undefined, expect.stringMatching(/^bytes=/), undefined]);
  });

  it("does not try again what cannot succeed", async () => {
    server.on("/forbidden.csv", status(403));
    await expect(fetchTo("forbidden.csv")).rejects.toThrow(/got: 403 Forbidden\. Check the address/);
    expect(server.requests("/forbidden.csv")).toHaveLength(1);
  });

  // A proxy's login page was kept as a label file, and was there already at the next run.
  it("takes no web page for a file, unless one was asked for", async () => {
    const page = Buffer.from("\n<!DOCTYPE html><title>Please log in</title>");
    server.on("/labels.csv", inTurn(serves(page), serves(page), serves(small)));
    await expect(fetchTo("labels.csv", { retries: 1 })).rejects.toThrow(
      /got: a web page instead of the file: it begins with "<!DOCTYPE html>.*Run the same again/,
    );
    expect(await fetchTo("labels.csv")).toMatchObject({ bytes: small.length, skipped: false });
    server.on("/page.html", serves(page));
    expect(await fetchTo("page.html")).toMatchObject({ bytes: page.length });
  });
});
