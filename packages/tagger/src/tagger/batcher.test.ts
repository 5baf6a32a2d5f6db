import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Batcher } from "./batcher.js";
import type { Network } from "./network.js";

/** Gives each image its first sample back, and keeps the sizes of its runs. */
function echo(): Network & { runs: number[]; open: () => void } {
  const runs: number[] = [];
  let open = (): void => {};
  const held = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    description: undefined as never, // not looked at
    runs,
    open,
    async run(pixels, count) {
      runs.push(count);
      await held;
      if (pixels.includes(255)) throw new Error("no 255");
      return Float32Array.from({ length: count }, (_, i) => pixels[(i * pixels.length) / count]!);
    },
    dispose() {},
  };
}
const image = (value: number): Uint8Array => new Uint8Array(3).fill(value);

describe("Batcher", () => {
  it("joins what comes at the same time, and what comes while a run is on, in order", async () => {
    const network = echo();
    const batcher = new Batcher(network, { batchSize: 3, batchDelay: 0 });
    const first = [1, 2].map((value) => batcher.run(image(value)));
    await sleep(5);
    const then = [3, 4, 5, 6].map((value) => batcher.run(image(value)));
    network.open();
    expect((await Promise.all([...first, ...then])).map(([logit]) => logit)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(network.runs).toEqual([2, 3, 1]);
    // It has slept, and wakes.
    expect([...(await batcher.run(image(7)))]).toEqual([7]);
    expect(network.runs).toEqual([2, 3, 1, 1]);
  });

  it("waits for others up to the delay, and no longer once the batch is full", async () => {
    const network = echo();
    network.open();
    const batcher = new Batcher(network, { batchSize: 2, batchDelay: 60_000 });
    const first = batcher.run(image(1));
    await sleep(5);
    expect(network.runs).toEqual([]);
    await Promise.all([first, batcher.run(image(2))]);
    expect(network.runs).toEqual([2]);
    const short = new Batcher(network, { batchSize: 2, batchDelay: 10 });
    const one = short.run(image(1));
    await sleep(2);
    await Promise.all([one, short.run(image(2))]);
    expect(network.runs).toEqual([2, 2]);
  });

  it("a run that fails fails its own images only", async () => {
    const network = echo();
    network.open();
    const batcher = new Batcher(network, { batchSize: 2, batchDelay: 0 });
    const results = await Promise.allSettled([1, 255, 3].map((value) => batcher.run(image(value))));
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
  });

  it("an image that is taken back before its run takes part in none", async () => {
    const network = echo();
    const batcher = new Batcher(network, { batchSize: 1, batchDelay: 0 });
    const running = batcher.run(image(1));
    await sleep(5);
    const control = new AbortController();
    const waiting = batcher.run(image(2), control.signal);
    const last = batcher.run(image(3));
    control.abort(new Error("too late"));
    await expect(waiting).rejects.toThrow("too late");
    network.open();
    await Promise.all([running, last]);
    expect(network.runs).toEqual([1, 1]);
    await expect(batcher.run(image(1), control.signal)).rejects.toThrow("too late");
  });

  it("closes once the run that is on has ended, and refuses the rest", async () => {
    const network = echo();
    const batcher = new Batcher(network, { batchSize: 1, batchDelay: 0 });
    const running = batcher.run(image(1));
    await sleep(5);
    const waiting = batcher.run(image(2));
    let closed = false;
    const closing = batcher.close().then(() => {
      closed = true;
    });
    await expect(waiting).rejects.toMatchObject({ code: "closed" });
    await sleep(5);
    expect(closed).toBe(false);
    network.open();
    expect([...(await running)]).toEqual([1]);
    await closing;
    await expect(batcher.run(image(3))).rejects.toMatchObject({ code: "closed" });
    await new Batcher(network, { batchSize: 1, batchDelay: 0 }).close();
  });
});
