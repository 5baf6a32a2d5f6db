import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { createShrinkPool, type ShrinkPool, type StartWorker } from "./shrink-pool.js";
import type { ToShrinkWorker } from "./shrink-task.js";

const options = { shortEdge: 16, quality: 90, filter: "bilinear", autoOrient: false } as const;
const image = join(import.meta.dirname, "../../fixtures/420.jpg");
let pool: ShrinkPool;
afterEach(() => pool.close());

/** Real threads, of which the next `count` end when they are given the deadly image, as out of memory. */
function mortal(count: number): { startWorker: StartWorker } {
  return {
    startWorker(url, options) {
      const worker = new Worker(url, options);
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (message: ToShrinkWorker) => {
        post(message);
        if (message.task.image === "deadly" && count-- > 0) void worker.terminate();
      };
      return worker;
    },
  };
}

describe("createShrinkPool", () => {
  it("does the images of a dead thread again on a new one, and none is lost", async () => {
    pool = createShrinkPool(1, mortal(1));
    const tasks = Array.from({ length: 6 }, (_, i) =>
      pool.run({ image: i === 2 ? "deadly" : image, options }),
    );
    const results = await Promise.all(tasks);
    expect(results.map((result) => "jpg" in result)).toEqual([true, true, false, true, true, true]);
    expect(results[2]).toMatchObject({ unreadable: expect.stringMatching(/ENOENT/) }); // tried again, and really read
  });

  it("finds the image that brings down every thread, and does the others", async () => {
    pool = createShrinkPool(1, mortal(99));
    const tasks = Array.from({ length: 6 }, (_, i) =>
      pool.run({ image: i === 2 ? "deadly" : image, options }),
    );
    const results = await Promise.all(tasks);
    expect(results.map((result) => "jpg" in result)).toEqual([true, true, false, true, true, true]);
    expect(results[2]).toMatchObject({ unreadable: expect.stringMatching(/two worker threads died/) });
  });
});
