import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { PrepareTask } from "../load/prepare-image.js";
import { createWorkerPool } from "./worker-pool.js";

const task: PrepareTask = {
  kind: "prepare",
  source: "any.jpg",
  slot: { memory: new SharedArrayBuffer(3), dtype: "uint8", start: 0 },
  size: 1,
  filter: "bilinear",
  autoOrient: false,
  augment: "none",
  seed: 0,
  keepResized: false,
};
const options = (source: string) => ({
  program: { url: new URL(`data:text/javascript,${encodeURIComponent(source)}`), execArgv: [] },
  speaker: "test",
  maxDeaths: 16,
  count: "in all" as const,
});

describe("createWorkerPool", () => {
  it.each([
    ["throw new Error('boom')", "a worker thread crashed: boom (3 threads in all). workers: 0 works"],
    ["process.exit(3)", "a worker thread ended by itself with code 3"],
  ])("rejects what it owes when its worker does `%s`", async (source, message) => {
    const pool = createWorkerPool(1, options(source));
    await expect(pool.run(task, 0)).rejects.toThrow(message);
    await expect(pool.run(task, 0)).rejects.toThrow(message);
    await pool.close(new Error("closed"));
  });

  it("gives up when threads keep dying, and has named the guilty images until then", async () => {
    const pool = createWorkerPool(
      2,
      options(`import { parentPort } from "node:worker_threads";
        parentPort.on("message", ({ id, task }) => {
          if (task?.source === "kill 2") throw new Error("out of luck");
          if (task?.source.startsWith("kill")) process.exit(5);
          parentPort.postMessage({ id, result: {} });
        });
        parentPort.postMessage({ ready: true });`),
    );
    const named = (source: string) => pool.run({ ...task, source }, 0);
    expect(await Promise.all(["a", "kill 1", "b", "c", "kill 2", "d"].map(named))).toEqual([
      {},
      { unreadable: expect.stringContaining("with code 5") },
      {},
      {},
      { unreadable: expect.stringContaining("twice (a worker thread crashed: out of luck)") },
      {},
    ]);
    const many = Array.from({ length: 20 }, (_, i) => named(`kill ${i}`));
    const outcomes = await Promise.allSettled(many);
    expect(outcomes.filter(({ status }) => status === "rejected").length).toBeGreaterThan(10);
    await expect(named("a")).rejects.toThrow(/with code 5 \(16 threads in all\)/);
    expect(pool.incidents.length).toBe(16);
    await pool.close(new Error("closed"));
  });

  it("counts deaths in a row where it is told to: a result between them starts the count again", async () => {
    const killing = options(`import { parentPort } from "node:worker_threads";
      parentPort.on("message", ({ id, task }) => {
        if (task?.source === "kill") process.exit(5);
        parentPort.postMessage({ id, result: {} });
      });
      parentPort.postMessage({ ready: true });`);
    const pool = createWorkerPool(1, { ...killing, maxDeaths: 3, count: "in a row" });
    for (let i = 0; i < 4; i++) {
      expect(await pool.run({ ...task, source: "kill" }, 0)).toMatchObject({
        unreadable: expect.any(String),
      });
      expect(await pool.run(task, 0)).toEqual({});
    }
    const kills = [0, 1].map(() => pool.run({ ...task, source: "kill" }, 0));
    const outcomes = await Promise.allSettled(kills);
    expect(outcomes.map(({ status }) => status)).toContain("rejected");
    await pool.close(new Error("closed"));
  });

  it("rejects a cancelled group at once, even when its worker never answers, and no other", async () => {
    const pool = createWorkerPool(1, options("setInterval(() => {}, 1000)"));
    const [cancelled, other] = [pool.run(task, 0), pool.run(task, 1)];
    void pool.cancel(0, new Error("cancelled"));
    await expect(cancelled).rejects.toThrow("cancelled");
    await pool.close(new Error("closed"));
    await expect(other).rejects.toThrow("closed");
    await expect(pool.run(task, 2)).rejects.toThrow("closed");
  });

  it("keeps the process until its threads have ended, though answers still come in", async () => {
    // The thread answers while it is being ended; the process has nothing else to do.
    const script = `
      import { createWorkerPool } from ${JSON.stringify(new URL("./worker-pool.ts", import.meta.url).href)};
      const pool = createWorkerPool(1, { speaker: "test", maxDeaths: 16, count: "in all", program: {
        url: new URL("data:text/javascript," + encodeURIComponent(\`
          import { parentPort } from "node:worker_threads";
          parentPort.on("message", ({ id }) => parentPort.postMessage({ id, result: {} }));
          parentPort.postMessage({ ready: true });
        \`)),
        execArgv: [],
      } });
      const run = () => pool.run({ source: "any.jpg" }, 0).catch(() => {});
      await run();
      for (let i = 0; i < 5; i++) void run();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100); // the answers are there, unheard
      await pool.close(new Error("closed"));
      console.log("closed");`;
    const flags = ["--conditions=@csl/source", "--import", import.meta.resolve("tsx")];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...flags, "--input-type=module", "--eval", script],
      { cwd: import.meta.dirname },
    );
    expect(stdout).toBe("closed\n");
  });
});
