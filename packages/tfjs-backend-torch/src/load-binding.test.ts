import { Worker } from "node:worker_threads";
import { beforeAll, describe, expect, test } from "vitest";
import { compileTime, onTorch, useTorch, withoutTorch } from "../test/use-torch.js";
import { buildTorch } from "./start-torch.js";

/** Requires the binding in another thread; what it threw, or "loaded". */
function requireInWorker(path: string): Promise<string> {
  const script = `
    const { parentPort, workerData } = require("node:worker_threads");
    try { require(workerData); parentPort.postMessage("loaded"); } catch (error) { parentPort.postMessage(error.message); }
  `;
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, { eval: true, workerData: path });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

describe.skipIf(withoutTorch)(`the binding on ${onTorch}`, () => {
  beforeAll(async () => {
    await useTorch();
  }, compileTime);

  test("belongs to the thread that loaded it first", async () => {
    const { path } = await buildTorch();
    expect(await requireInWorker(path)).toBe(
      "torch: another thread of this process computes with it; use it in one thread, or in several processes.",
    );
  });
});
