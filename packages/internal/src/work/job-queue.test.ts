import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { JobQueue, mapInOrder } from "./job-queue.js";

describe("JobQueue", () => {
  it("runs as many jobs as its limit says, and takes no more than that", async () => {
    const queue = new JobQueue(3);
    let running = 0;
    let most = 0;
    let done = 0;
    for (let i = 0; i < 12; i++) {
      await queue.add(async () => {
        most = Math.max(most, ++running);
        await sleep(i % 3);
        running--;
        done++;
      });
      expect(running).toBeLessThan(3);
    }
    await queue.finish();
    expect([most, done]).toEqual([3, 12]);
  });

  it("throws the first failure when no job is running any more, and starts none after it", async () => {
    const queue = new JobQueue(2);
    let slowDone = false;
    await queue.add(async () => {
      await sleep(20);
      slowDone = true;
    });
    await expect(queue.add(() => Promise.reject(new Error("first")))).rejects.toThrow("first");
    expect(slowDone).toBe(true);
    let started = false;
    const late = queue.add(async () => {
      started = true;
    });
    await expect(late).rejects.toThrow("first");
    await expect(queue.finish()).rejects.toThrow("first");
    expect(started).toBe(false);
    await queue.settle();
  });
});

describe("mapInOrder", () => {
  it("yields in order, whatever ends first, and never has more than the window running", async () => {
    let running = 0;
    let most = 0;
    const work = async (position: number): Promise<number> => {
      most = Math.max(most, ++running);
      await sleep(position % 3 === 0 ? 6 : 1);
      running--;
      return position * 10;
    };
    const seen: [number, number][] = [];
    for await (const pair of mapInOrder(2, 12, 4, work)) seen.push(pair);
    expect(seen).toEqual(Array.from({ length: 10 }, (_, i) => [i + 2, (i + 2) * 10]));
    expect(most).toBe(4);
  });
});
