import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fakeJpeg, serves } from "@csl/test-support/bad-server";
import { ranksInProcess } from "@csl/test-support/ranks-in-process";
import { beforeEach, describe, expect, it } from "vitest";
import { ImageBench } from "../../test/image-bench.js";
import type { FetchImagesOptions, FetchReport } from "./fetch-images.js";
import { isOwn, ownParallel } from "./fetch-ranks.js";

const bench = new ImageBench();
const jpeg = fakeJpeg(2000);
/** The server remembers what earlier tests have put there. */
let ids: string[];
let tests = 0;
beforeEach(() => {
  tests++;
  ids = Array.from({ length: 20 }, (_, i) => `t${tests}-${i}`);
});

const together = (
  size: number,
  more: (rank: number) => FetchImagesOptions = () => ({}),
): Promise<PromiseSettledResult<FetchReport>[]> =>
  Promise.allSettled(
    ranksInProcess(size).map((ranks, rank) =>
      bench.fetchAll(
        ids.map((id) => bench.item(id)),
        { ranks, ...more(rank) },
      ),
    ),
  );

describe("fetchImages on several ranks", () => {
  it("an image is one rank's, and requests are dealt", () => {
    for (const size of [1, 2, 3, 7])
      for (const id of ids)
        expect(
          Array.from({ length: size }, (_, rank) => isOwn(id, { rank, size })).filter(Boolean),
        ).toHaveLength(1);
    const dealt = (parallel: number) => [0, 1, 2].map((rank) => ownParallel(parallel, { rank, size: 3 }));
    expect(dealt(16)).toEqual([6, 5, 5]);
    expect(dealt(2)).toEqual([1, 1, 1]);
  });

  it.each([2, 3, 4])(
    "%d of them fetch each once; rank 0 reports all and lists what is missing",
    async (size) => {
      for (const id of ids.slice(2)) bench.server.on(`/${id}.jpg`, serves(jpeg));
      const [first] = await together(size);
      expect(first).toMatchObject({
        value: { done: 18, skipped: 0, bytes: 18 * jpeg.length, missing: [{}, {}] },
      });
      for (const id of ids) expect(bench.server.requests(`/${id}.jpg`)).toHaveLength(1);
      expect((await bench.names()).sort()).toEqual(
        [...ids.slice(2).map((id) => `${id}.jpg`), "missing.csv"].sort(),
      );
      expect((await bench.missingCsv()).split("\n").sort().slice(2)).toHaveLength(2);
      // What is known and there is not asked for again, and what has come since leaves the list.
      bench.server.on(`/${ids[0]}.jpg`, serves(jpeg));
      const [again] = await together(size + 1, () => ({ retryMissing: true }));
      expect(again).toMatchObject({ value: { done: 1, skipped: 18, missing: [{ id: ids[1] }] } });
      expect(await bench.missingCsv()).not.toContain(`${ids[0]},`);
    },
  );

  it("one that cannot go on ends all; what each has learned is taken in by the next run", async () => {
    for (const id of ids.slice(4)) bench.server.on(`/${id}.jpg`, serves(jpeg));
    let calls = 0;
    const broken: typeof fetch = async (...request) => {
      if (++calls > 3) throw new Error("no connection");
      return fetch(...request);
    };
    const outcomes = await together(2, (rank) =>
      rank === 1 ? { fetch: broken, giveUpAfter: 2, retries: 0 } : {},
    );
    expect(outcomes[1]).toMatchObject({ reason: { code: "network" } });
    const all = await together(3);
    expect(all[0]).toMatchObject({ status: "fulfilled" });
    const list = await readFile(join(bench.folder, "missing.csv"), "utf8");
    for (const id of ids.slice(0, 4)) expect(list).toContain(`${id},`);
    expect((await bench.names()).filter((name) => name === "missing.parts")).toEqual([]);
  });

  it("a signal of one stops all", async () => {
    const stop = new AbortController();
    stop.abort(new DOMException("stopped", "AbortError"));
    const outcomes = await together(2, (rank) => (rank === 1 ? { signal: stop.signal } : {}));
    expect(outcomes[1]).toMatchObject({ reason: { name: "AbortError" } });
    expect(outcomes[0]).toMatchObject({ status: "rejected" });
  });
});
