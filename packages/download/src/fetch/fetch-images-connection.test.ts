import { cutsAt, fakeJpeg, inTurn, serves, stallsAt, status } from "@csl/test-support/bad-server";
import { describe, expect, it } from "vitest";
import { ImageBench } from "../../test/image-bench.js";
import { fetchImages } from "./fetch-images.js";

const bench = new ImageBench();
const jpeg = fakeJpeg(50_000);

describe("fetchImages over a connection that breaks, stalls and redirects", () => {
  it("continues a body that is cut off, by a range that counts for the same file only", async () => {
    bench.server.on("/cut.jpg", inTurn(cutsAt(20_000, jpeg, { etag: '"a"' }), serves(jpeg, { etag: '"a"' })));
    await bench.fetchAll([bench.item("cut")]);
    expect(await bench.fetched("cut", jpeg)).toBe(true);
    expect(bench.server.ranges("/cut.jpg")).toEqual([undefined, "bytes=20000-"]);
    expect(bench.server.requests("/cut.jpg")[1]!.headers["if-range"]).toBe('"a"');
    expect(bench.clock.slept).toEqual([375]); // half of 500 ms and half of the other half
  });

  it("starts again when the range is ignored", async () => {
    bench.server.on("/ignored.jpg", inTurn(cutsAt(20_000, jpeg), serves(jpeg)));
    await bench.fetchAll([bench.item("ignored")]);
    expect(await bench.fetched("ignored", jpeg)).toBe(true);
  });

  it("starts again when the file has changed meanwhile", async () => {
    const other = fakeJpeg(50_000, 2);
    bench.server.on(
      "/changed.jpg",
      inTurn(cutsAt(20_000, jpeg, { etag: '"a"' }), serves(other, { etag: '"b"' })),
    );
    await bench.fetchAll([bench.item("changed")]);
    expect(await bench.fetched("changed", other)).toBe(true);
  });

  it("starts again when the server continues elsewhere than asked", async () => {
    const wrong = { "content-range": `bytes 0-99/${jpeg.length}`, "content-length": "100" };
    bench.server.on(
      "/elsewhere.jpg",
      inTurn(
        cutsAt(20_000, jpeg, { etag: '"a"' }),
        (response) => void response.writeHead(206, wrong).end(jpeg.subarray(0, 100)),
        serves(jpeg, { etag: '"a"' }),
      ),
    );
    await bench.fetchAll([bench.item("elsewhere")]);
    expect(await bench.fetched("elsewhere", jpeg)).toBe(true);
    expect(bench.server.ranges("/elsewhere.jpg")).toEqual([undefined, "bytes=20000-", undefined]);
  });

  it.each([0, 30_000])("gives up an attempt that stalls after %d bytes", async (bytes) => {
    bench.server.on("/stall.jpg", inTurn(stallsAt(bytes, jpeg), serves(jpeg)));
    const log: string[] = [];
    await bench.fetchAll([bench.item("stall")], { timeout: 0.5, log: (text) => log.push(text) });
    expect(await bench.fetched("stall", jpeg)).toBe(true);
    expect(log).toEqual([expect.stringMatching(/no byte for 0\.5 s; attempt 2 in 0\.4 s$/)]);
  });

  it("waits patiently for a slow body as long as bytes come", async () => {
    bench.server.on("/slow.jpg", (response) => {
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
    await bench.fetchAll([bench.item("slow")], { timeout: 1, retries: 0 }); // 1.25 s in all
    expect(await bench.fetched("slow", jpeg)).toBe(true);
  });

  it("tries again after 500, waits as long as 429 and 503 ask", async () => {
    bench.server.on(
      "/busy.jpg",
      inTurn(
        status(500),
        status(429, { "retry-after": "7" }),
        status(503, { "retry-after": "Thu, 01 Jan 2026 00:01:00 GMT" }),
        serves(jpeg),
      ),
    );
    await bench.fetchAll([bench.item("busy")]);
    expect(await bench.fetched("busy", jpeg)).toBe(true);
    // After 0.375 s and 7 s the minute is not over for another 52.625 s.
    expect(bench.clock.slept).toEqual([375, 7000, 52_625]);
  });

  it("holds everybody back while a server asks for a pause", async () => {
    bench.server.on("/a.jpg", inTurn(status(429, { "retry-after": "100" }), serves(jpeg)));
    bench.server.on("/b.jpg", serves(jpeg));
    const items = function* () {
      yield bench.item("a");
      yield bench.item("b");
    };
    const times: number[] = [];
    const started = bench.clock.now();
    await fetchImages(items(), {
      ...{
        folder: bench.folder,
        clock: bench.clock,
        parallel: 1,
        onProgress: () => times.push(bench.clock.now() - started),
      },
    });
    expect(times[0]).toBeGreaterThanOrEqual(100_000);
  });

  it("follows redirects, and knows Flickr's image for images that are gone", async () => {
    bench.server.on("/moved.jpg", status(302, { location: "/target.jpg" }));
    bench.server.on("/target.jpg", serves(jpeg));
    bench.server.on("/deleted.jpg", status(302, { location: "/photo_unavailable.png" }));
    bench.server.on("/photo_unavailable.png", serves(jpeg));
    const report = await bench.fetchAll([bench.item("moved"), bench.item("deleted")]);
    expect(await bench.fetched("moved", jpeg)).toBe(true);
    expect(report.missing).toMatchObject([{ id: "deleted", reason: "Flickr no longer has the image" }]);
  });

  it("says that no server answers, and stops when that continues", async () => {
    const nobody = Array.from({ length: 20 }, (_, i) =>
      bench.item(`n${i}`, { url: `http://127.0.0.1:1/${i}.jpg` }),
    );
    const one = await bench.fetchAll(nobody.slice(0, 1), { retries: 1 });
    expect(one.missing[0]!.reason).toMatch(/ECONNREFUSED|bad port/);
    await expect(bench.fetchAll(nobody, { retries: 1, giveUpAfter: 5, parallel: 2 })).rejects.toThrow(
      /the last 5 images failed .* run the same again/,
    );
  });

  it("lists what is no address", async () => {
    const report = await bench.fetchAll([
      bench.item("none", { url: "" }),
      bench.item("ftp", { url: "ftp://x/y" }),
    ]);
    expect(report.missing.map(({ reason }) => reason).sort()).toEqual([
      "no address is known",
      'no http(s) address: "ftp://x/y"',
    ]);
  });

  it("asks the signer before every attempt, and sends what it says", async () => {
    bench.server.on("/private.jpg", (response, n, request) => {
      const right = request.headers.authorization === "key 1"; // the first signature has expired
      (right ? serves(jpeg) : status(503))(response, n, request);
    });
    let signed = 0;
    await bench.fetchAll([bench.item("private")], {
      sign: ({ url, headers }) => ({ url, headers: { ...headers, authorization: `key ${signed++ % 2}` } }),
    });
    expect(bench.server.requests("/private.jpg")).toHaveLength(2);
    expect(await bench.fetched("private", jpeg)).toBe(true);
  });
});
