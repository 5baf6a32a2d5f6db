import { describe, expect, it } from "vitest";
import type { PictureTask } from "./prepare-picture.js";
import { createWorkerPool } from "./worker-pool.js";

const task: PictureTask = {
  source: "any.jpg",
  slot: { memory: new SharedArrayBuffer(3), dtype: "uint8", start: 0 },
  size: 1,
  filter: "bilinear",
  autoOrient: false,
  augment: "none",
  seed: 0,
  keepResized: false,
};
const program = (source: string) => ({ url: new URL(`data:text/javascript,${source}`), execArgv: [] });

describe("createWorkerPool", () => {
  it.each([
    ["throw new Error('boom')", "a worker thread died: boom (3 threads in all). workers: 0 prepares"],
    ["process.exit(3)", "a worker thread ended by itself with code 3"],
  ])("rejects what it owes when its worker does `%s`", async (source, message) => {
    const pool = createWorkerPool(1, program(source));
    await expect(pool.run(task, 0)).rejects.toThrow(message);
    await expect(pool.run(task, 0)).rejects.toThrow(message);
    await pool.close(new Error("closed"));
  });

  it("rejects a cancelled group at once, even when its worker never answers, and no other", async () => {
    const pool = createWorkerPool(1, program("setInterval(() => {}, 1000)"));
    const [cancelled, other] = [pool.run(task, 0), pool.run(task, 1)];
    pool.cancel(0, new Error("cancelled"));
    await expect(cancelled).rejects.toThrow("cancelled");
    await pool.close(new Error("closed"));
    await expect(other).rejects.toThrow("closed");
    await expect(pool.run(task, 2)).rejects.toThrow("closed");
  });
});
